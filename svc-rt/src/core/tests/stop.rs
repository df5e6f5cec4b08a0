//! The stop, and reports from several threads.

use super::*;

#[test]
fn a_stop_is_latched_for_every_waiter() {
    let service = service();
    let token = service.stop_token();
    assert!(!token.is_stopped() && !token.wait_timeout(Duration::ZERO));
    let threads: Vec<_> = (0..8)
        .map(|index| {
            let (token, service) = (token.clone(), service.clone());
            std::thread::spawn(move || match index % 3 {
                0 => token.wait(),
                1 => {
                    assert!(token.wait_timeout(Duration::MAX));
                    token.wait()
                }
                _ => stop_of(&service.wait_event()),
            })
        })
        .collect();
    service.core().feed(&Input::Stop(StopReason::Terminate));
    service.stop();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), StopReason::Terminate);
    }
    // Late comers get the same.
    assert_eq!(service.stop_token().reason(), Some(StopReason::Terminate));
    assert_eq!(stop_of(&service.wait_event()), StopReason::Terminate);
}

#[test]
fn futures_are_woken_by_a_stop_and_ready_ever_after() {
    let service = service();
    let mut tokens: Vec<_> = (0..3).map(|_| service.stop_token()).collect();
    let mut event = service.event();
    let (waker, count) = waker();
    for token in &mut tokens {
        assert_eq!(poll(token, &waker), Poll::Pending);
        assert_eq!(poll(token, &waker), Poll::Pending);
    }
    assert!(poll(&mut event, &waker).is_pending());
    service.stop();
    assert_eq!(
        count.get(),
        4,
        "each waiter once, however often it was polled"
    );
    for token in &mut tokens {
        assert_eq!(poll(token, &waker), Poll::Ready(StopReason::Internal));
        assert_eq!(poll(token, &waker), Poll::Ready(StopReason::Internal));
    }
    for event in [&mut event, &mut service.event()] {
        let Poll::Ready(event) = poll(event, &waker) else {
            panic!("the stop is there")
        };
        assert_eq!(stop_of(&event), StopReason::Internal);
    }
}

#[test]
fn a_future_moves_to_another_task() {
    let service = service();
    let mut token = service.stop_token();
    let (first, first_count) = waker();
    let (second, second_count) = waker();
    assert!(poll(&mut token, &first).is_pending());
    assert!(poll(&mut token, &second).is_pending());
    service.stop();
    assert_eq!(
        (first_count.get(), second_count.get()),
        (0, 1),
        "the last task that polled"
    );
}

#[test]
fn a_dropped_future_leaves_nothing_behind() {
    let service = service();
    let (waker, count) = waker();
    for _ in 0..100 {
        assert!(
            pin!(service.event())
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        let mut token = service.stop_token();
        assert!(poll(&mut token, &waker).is_pending());
    }
    assert_eq!(service.core().waiting(), 0);
    service.stop();
    assert_eq!(count.get(), 0);
    // No stop was lost by it.
    assert!(poll(&mut service.event(), &waker).is_ready());
}

#[test]
fn a_control_wakes_tasks_on_the_manager_thread_only() {
    let bell = Count::default();
    let service = Service::new(core_over(Paper::default(), bell.clone()));
    let (waker, count) = waker();
    let mut token = service.stop_token();
    assert!(poll(&mut token, &waker).is_pending());
    service.core().feed_control(&Input::Stop(StopReason::Asked));
    assert_eq!((count.get(), bell.get()), (0, 1));
    assert_eq!(service.core().turn(), None);
    assert_eq!(count.get(), 1);
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_waking() {
    struct Panicking;
    impl Wake for Panicking {
        fn wake(self: Arc<Self>) {
            std::panic::resume_unwind(Box::new("a broken executor"));
        }
    }
    let service = service();
    let (waker, count) = waker();
    let mut first = service.stop_token();
    let mut second = service.stop_token();
    assert!(poll(&mut first, &Waker::from(Arc::new(Panicking))).is_pending());
    assert!(poll(&mut second, &waker).is_pending());
    service.stop();
    assert_eq!(count.get(), 1);
}

/// Says that a report began, and finishes it when told to.
struct Slow {
    paper: Paper,
    began: Sender<()>,
    finish: Receiver<()>,
}

impl Sink for Slow {
    fn carry_out(&mut self, action: &Action) {
        if matches!(action, Action::Report(report) if report.state == State::Running) {
            self.began.send(()).unwrap();
            self.finish.recv().unwrap();
        }
        self.paper.carry_out(action);
    }
}

#[test]
fn a_control_waits_for_no_report_and_none_is_lost() {
    let paper = Paper::default();
    let (began, has_begun) = channel();
    let (finish, may_finish) = channel();
    let slow = Slow {
        paper: paper.clone(),
        began,
        finish: may_finish,
    };
    let core = core_over(slow, Count::default());
    let reporting = Arc::clone(&core);
    let thread = std::thread::spawn(move || reporting.feed(&Input::Ready));
    has_begun.recv().unwrap();
    // The report is under way; the control returns all the same, its own report left to whoever has the sink.
    core.feed_control(&Input::Stop(StopReason::Asked));
    assert_eq!(paper.states(), [State::Starting]);
    assert_eq!(
        core.wait(Waits::ForStop),
        Happening::Stop(StopReason::Asked)
    );
    finish.send(()).unwrap();
    thread.join().unwrap();
    assert_eq!(
        paper.states(),
        [State::Starting, State::Running, State::Stopping]
    );
}

#[test]
fn reports_keep_their_order_whoever_feeds() {
    // Miri takes its time.
    const TURNS: u32 = if cfg!(miri) { 10 } else { 250 };
    let paper = Paper::default();
    let core = core_over(paper.clone(), Count::default());
    core.feed(&Input::Ready);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let core = Arc::clone(&core);
            std::thread::spawn(move || {
                for _ in 0..TURNS {
                    let granted = Duration::from_secs(1);
                    core.feed(&Input::Stopping {
                        text: String::new(),
                        granted,
                    });
                    core.feed_control(&Input::Interrogate);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    core.feed(&Input::Returned {
        code: 0,
        error: None,
    });
    let actions = paper.0.lock().unwrap();
    let mut checkpoints = actions.iter().filter_map(|action| match action {
        Action::Report(report) if report.state == State::Stopping => Some(report.checkpoint),
        _ => None,
    });
    assert!(checkpoints.by_ref().eq(1..=4 * TURNS + 1));
    drop(actions);
    assert_eq!(paper.states().last(), Some(&State::Stopped));
}

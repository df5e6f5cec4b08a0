//! Events and their answers.

use super::*;

fn order(service: &Service, order: Order) {
    service.core().feed(&Input::Order(order));
}

/// The last reports, from the state on that was reported first after `skip` of them.
fn states_after(paper: &Paper, skip: usize) -> Vec<State> {
    paper.states().split_off(skip)
}

#[test]
fn an_event_is_given_to_one_waiter_and_a_stop_to_all() {
    let service = service();
    service.ready();
    let (waker, count) = waker();
    let mut waiters: Vec<_> = (0..3).map(|_| service.event()).collect();
    let mut token = service.stop_token();
    assert!(
        waiters
            .iter_mut()
            .all(|waiter| poll(waiter, &waker).is_pending())
    );
    assert!(poll(&mut token, &waker).is_pending());
    order(&service, Order::Custom(200));
    assert_eq!(count.get(), 3, "whoever waits for events, and nobody else");
    let got: Vec<bool> = waiters
        .iter_mut()
        .map(|waiter| matches!(poll(waiter, &waker), Poll::Ready(Event::Custom(200))))
        .collect();
    assert_eq!(got, [true, false, false]);
    service.stop();
    assert!(
        waiters
            .iter_mut()
            .all(|waiter| poll(waiter, &waker).is_ready())
    );
    assert!(poll(&mut token, &waker).is_ready());
}

#[test]
fn an_event_that_came_before_the_waiter_is_kept() {
    let service = service();
    service.ready();
    order(&service, Order::Custom(200));
    let (waker, _) = waker();
    {
        // Woken, and dropped without looking: the event is still there.
        let other = self::service();
        other.ready();
        let mut dropped = other.event();
        assert!(poll(&mut dropped, &waker).is_pending());
        order(&other, Order::Custom(200));
        drop(dropped);
        assert!(matches!(other.wait_event(), Event::Custom(200)));
    }
    assert!(matches!(
        service.wait_event_timeout(Duration::ZERO),
        Some(Event::Custom(200))
    ));
    assert!(service.wait_event_timeout(Duration::ZERO).is_none());
    assert!(poll(&mut service.event(), &waker).is_pending());
}

#[test]
fn threads_wait_for_events() {
    let service = service();
    service.ready();
    let waiting = service.clone();
    let thread = std::thread::spawn(move || match waiting.wait_event() {
        Event::Custom(code) => code,
        other => panic!("{other:?}"),
    });
    order(&service, Order::Custom(200));
    assert_eq!(thread.join().unwrap(), 200);
}

#[test]
fn an_answer_is_given_once_however_it_ends() {
    let paper = Paper::default();
    let service = Service::new(core_over(paper.clone(), Count::default()));
    service.ready();
    let reload = |service: &Service| {
        order(service, Order::Reload);
        match service.wait_event() {
            Event::Reload(reload) => reload,
            other => panic!("{other:?}"),
        }
    };
    reload(&service).finish(Ok::<_, String>(()));
    drop(reload(&service));
    reload(&service).finish(Err::<(), _>("no such file"));
    let panicking = service.clone();
    let thread = std::thread::spawn(move || {
        let _reload = reload(&panicking);
        std::panic::resume_unwind(Box::new("out of luck"));
    });
    assert!(thread.join().is_err());
    assert_eq!(
        states_after(&paper, 2),
        [[State::Reloading, State::Running]; 4].concat()
    );
    let actions = paper.0.lock().unwrap();
    let logs: Vec<_> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Log(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        logs,
        [
            "the reload failed: no such file",
            "the reload failed: the thread that was at it panicked"
        ]
    );
}

#[test]
fn a_pause_is_answered_too() {
    let paper = Paper::default();
    let service = Service::new(core_over(paper.clone(), Count::default()));
    service.ready();
    order(&service, Order::Pause);
    let Event::Pause(pause) = service.wait_event() else {
        panic!("a pause was asked for")
    };
    pause.finish(Ok::<_, String>(()));
    order(&service, Order::Continue);
    assert!(matches!(service.wait_event(), Event::Continue(_)));
    assert_eq!(
        states_after(&paper, 2),
        [
            State::Pausing,
            State::Paused,
            State::Continuing,
            State::Running
        ]
    );
}

#[test]
fn a_stop_voids_what_nobody_took() {
    let service = service();
    service.ready();
    order(&service, Order::Reload);
    order(&service, Order::Custom(200));
    service.stop();
    order(&service, Order::Custom(200));
    assert!(service.core().shared.lock().unwrap().orders.is_empty());
    assert_eq!(stop_of(&service.wait_event()), StopReason::Internal);
}

#[test]
#[cfg_attr(miri, ignore = "so many orders take hours there")]
fn a_flood_that_nobody_takes_is_refused_in_the_end() {
    let service = service();
    service.ready();
    for _ in 0..MOST_ORDERS {
        service.core().order_control(Order::Custom(200)).unwrap();
    }
    assert!(service.core().order_control(Order::Custom(200)).is_err());
    for _ in 0..MOST_ORDERS {
        assert!(matches!(service.wait_event(), Event::Custom(200)));
    }
    assert!(service.core().order_control(Order::Custom(200)).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "so many orders take hours there")]
fn a_flood_of_reloads_is_two() {
    let service = service();
    service.ready();
    for _ in 0..10_000 {
        service.core().order_control(Order::Reload).unwrap();
    }
    for _ in 0..2 {
        assert!(matches!(service.wait_event(), Event::Reload(_)));
    }
    assert!(service.wait_event_timeout(Duration::ZERO).is_none());
}

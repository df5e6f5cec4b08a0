//! What a service left in the Event Log: as wevtutil.exe tells it, or as Wine, which keeps nothing, says that it was called.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

/// How grave a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// `EVENTLOG_ERROR_TYPE`.
    Error,
    /// `EVENTLOG_WARNING_TYPE`.
    Warning,
    /// `EVENTLOG_INFORMATION_TYPE`.
    Information,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// How grave it is.
    pub severity: Severity,
    /// Its number.
    pub id: u32,
    /// Its text. Of a long one Wine says the beginning alone, some 300 bytes.
    pub text: String,
}

/// Reads records that `wevtutil qe /f:xml` printed.
#[cfg_attr(not(windows), allow(dead_code))]
pub(super) fn of_windows(printed: &str) -> Result<Vec<Event>> {
    let records = printed.split("<Event ").skip(1);
    records
        .map(|record| {
            let of = |element: &str| within(record, element);
            let read = || {
                Some(Event {
                    severity: match of("Level")? {
                        "2" => Severity::Error,
                        "3" => Severity::Warning,
                        "4" => Severity::Information,
                        _ => return None,
                    },
                    id: of("EventID")?.parse().ok()?,
                    text: plain(of("Data")?),
                })
            };
            read().with_context(|| format!("no record that is understood: {record}"))
        })
        .collect()
}

/// What an element holds that has no elements in it.
fn within<'r>(record: &'r str, element: &str) -> Option<&'r str> {
    let begin = format!("<{element}");
    let (_, rest) = record
        .match_indices(&begin)
        .map(|(at, _)| record.split_at(at + begin.len()))
        .find(|(_, rest)| rest.starts_with(['>', ' ']))?;
    let (_, held) = rest.split_once('>')?;
    Some(held.split_once('<')?.0)
}

fn plain(text: &str) -> String {
    [
        ("&#xD;", "\r"),
        ("&#13;", "\r"),
        ("&#xA;", "\n"),
        ("&#10;", "\n"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (entity, meant)| {
        text.replace(entity, meant)
    })
}

/// Reads the calls of one source out of what Wine says on its channels `advapi` and `eventlog`. They belong together by their
/// thread, with which each line begins.
#[cfg_attr(windows, allow(dead_code))]
pub(super) fn of_wine(said: &str, source: &str) -> Result<Vec<Event>> {
    let opened = format!(",L\"{source}\"): stub");
    let mut threads: BTreeMap<&str, Option<(u16, u32)>> = BTreeMap::new();
    let mut events = Vec::new();
    for line in said.lines() {
        let mut parts = line.splitn(4, ':');
        let (Some(thread), Some(_), Some(channel), Some(call)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let not_understood = || format!("no call that is understood: {line}");
        if call.starts_with("RegisterEventSourceW ") {
            if call.ends_with(&opened) {
                threads.insert(thread, None);
            } else {
                threads.remove(thread);
            }
        } else if call.starts_with("DeregisterEventSource ") {
            threads.remove(thread);
        } else if let Some(call) = call.strip_prefix("ReportEventW ")
            && let Some(pending) = threads.get_mut(thread)
        {
            match channel {
                "advapi" => *pending = Some(numbers(call).with_context(not_understood)?),
                "eventlog" => {
                    let (kind, id) = pending.take().with_context(not_understood)?;
                    events.push(Event {
                        severity: match kind {
                            1 => Severity::Error,
                            2 => Severity::Warning,
                            _ => Severity::Information,
                        },
                        id,
                        text: unescaped(call).with_context(not_understood)?,
                    });
                }
                _ => {}
            }
        }
    }
    Ok(events)
}

/// The kind and the id out of `(HANDLE,0xKIND,0xCATEGORY,0xID,…`.
fn numbers(call: &str) -> Option<(u16, u32)> {
    let mut words = call.split(',').skip(1);
    let mut next = || words.next()?.strip_prefix("0x");
    let kind = u16::from_str_radix(next()?, 16).ok()?;
    let (_category, id) = (next()?, next()?);
    Some((kind, u32::from_str_radix(id, 16).ok()?))
}

/// The text of `L"…"`, as Wine writes it: `\n`, `\"` and so on, and four hexadecimal digits for what is not ASCII.
fn unescaped(text: &str) -> Option<String> {
    let text = text.strip_prefix("L\"")?;
    let text = text.strip_suffix("...").unwrap_or(text);
    let mut characters = text.strip_suffix('"')?.chars();
    let mut units = Vec::new();
    while let Some(character) = characters.next() {
        let unit = match character {
            '\\' => match characters.next()? {
                'n' => u16::from(b'\n'),
                'r' => u16::from(b'\r'),
                't' => u16::from(b'\t'),
                mark @ ('"' | '\\') => mark as u16,
                digit => {
                    let digits: String = [digit]
                        .into_iter()
                        .chain(characters.by_ref().take(3))
                        .collect();
                    u16::from_str_radix(&digits, 16).ok()?
                }
            },
            character => u16::try_from(u32::from(character)).ok()?,
        };
        units.push(unit);
    }
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(severity: Severity, id: u32, text: &str) -> Event {
        Event {
            severity,
            id,
            text: text.to_owned(),
        }
    }

    #[test]
    fn what_wevtutil_prints_is_read() {
        let printed = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='a'/>\
            <EventID Qualifiers='0'>2</EventID><Version>0</Version><Level>3</Level><Task>0</Task><EventRecordID>7</EventRecordID>\
            </System><EventData><Data>a &lt;b&gt;\r\nof &amp;lt;</Data></EventData></Event>\r\n\
            <Event xmlns='x'><System><EventID>1</EventID><Level>2</Level></System><EventData><Data>c</Data></EventData></Event>\r\n";
        assert_eq!(
            of_windows(printed).unwrap(),
            [
                event(Severity::Warning, 2, "a <b>\r\nof &lt;"),
                event(Severity::Error, 1, "c")
            ]
        );
        assert_eq!(of_windows("").unwrap(), []);
        assert!(of_windows("<Event xmlns='x'><System/></Event>").is_err());
    }

    #[test]
    fn what_wine_says_is_read() {
        let said = "00bc:trace:eventlog:ServiceMain starting Event Log Service\n\
            0104:fixme:advapi:RegisterEventSourceW ((null),L\"a\"): stub\n\
            0108:fixme:advapi:RegisterEventSourceW ((null),L\"other\"): stub\n\
            0108:fixme:advapi:ReportEventW (00000000CAFE4242,0x0001,0x0000,0x00000001,0,0x0001,0): stub\n\
            0108:err:eventlog:ReportEventW L\"not mine\"\n\
            0104:fixme:advapi:ReportEventW (00000000CAFE4242,0x0002,0x0000,0x00000102,0,0x0001,0): stub\n\
            0104:warn:eventlog:ReportEventW L\"\\\"a\\\\b\\\": \\00fc\\nc\"...\n\
            0104:fixme:advapi:DeregisterEventSource (00000000CAFE4242) stub\n";
        assert_eq!(
            of_wine(said, "a").unwrap(),
            [event(Severity::Warning, 0x102, "\"a\\b\": \u{fc}\nc")]
        );
        assert_eq!(of_wine(said, "b").unwrap(), []);
    }
}

//! The machine-made columns of the table.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};

use super::{Dump, Key};

/// The columns that are written anew: section, name, dump, since, until.
const MACHINE: usize = 5;

/// What a row holds that nobody has reviewed yet, for each reviewed column.
const UNREVIEWED: [&str; 7] = ["?", "", "?", "?", "?", "", ""];

/// A table that was brought up to date.
#[derive(Debug)]
pub struct Update {
    /// The whole text.
    pub text: String,
    /// What somebody has to look at, one sentence each.
    pub review: Vec<String>,
}

/// What the sources say of a directive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Facts {
    dump: String,
    since: u32,
    until: Option<u32>,
}

/// Brings the machine-made columns up to date, and keeps the others.
///
/// `dumps` are ordered by version. A directive that the manual does not tell the version of keeps what its row says, as long as
/// the dumps do not contradict: the pages give one version for entries of several names.
pub fn update(table: &str, dumps: &[(u32, Dump)], manual: &BTreeMap<Key, u32>) -> Result<Update> {
    let mut review = Vec::new();
    let head: Vec<&str> = table.lines().take_while(|l| l.starts_with('#')).collect();
    let mut lines = table.lines().skip(head.len());
    let Some(columns) = lines.next() else {
        bail!("the table has no line that names its columns")
    };
    let width = columns.split('\t').count();
    ensure!(
        width == MACHINE + UNREVIEWED.len(),
        "the table has {width} columns"
    );

    let mut old = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        ensure!(cells.len() == width, "a row has other columns: {line}");
        for section in cells[0].split(',') {
            old.insert((section.to_owned(), cells[1].to_owned()), cells.clone());
        }
    }

    // One row for sections that agree in everything.
    let mut rows: BTreeMap<(String, Facts, Vec<&str>), Vec<&str>> = BTreeMap::new();
    let keys: std::collections::BTreeSet<&Key> =
        dumps.iter().flat_map(|(_, dump)| dump.keys()).collect();
    for key in &keys {
        let row = old.remove(*key);
        let facts = facts(key, dumps, manual, row.as_deref(), &mut review);
        let reviewed = if let Some(cells) = &row {
            cells[MACHINE..].to_vec()
        } else {
            review.push(format!("[{}] {}= is new: fill in its row", key.0, key.1));
            UNREVIEWED.to_vec()
        };
        rows.entry((key.1.clone(), facts, reviewed))
            .or_default()
            .push(&key.0);
    }
    for (section, name) in old.keys() {
        review.push(format!(
            "[{section}] {name}= is in no dump: its row is gone"
        ));
    }

    let mut lines = Vec::new();
    for ((name, facts, reviewed), sections) in rows {
        let shared = sections == ["Service", "Socket"];
        let cells = if shared {
            vec![sections.join(",")]
        } else {
            sections.iter().map(|s| (*s).to_owned()).collect()
        };
        let until = facts
            .until
            .map(|until| until.to_string())
            .unwrap_or_default();
        for section in cells {
            let row = [
                section.as_str(),
                &name,
                &facts.dump,
                &facts.since.to_string(),
                &until,
            ]
            .join("\t");
            lines.push(format!("{row}\t{}", reviewed.join("\t")));
        }
    }
    lines.sort_by(|a, b| order(a).cmp(&order(b)));
    let text = head
        .into_iter()
        .chain([columns])
        .map(str::to_owned)
        .chain(lines);
    let text = text.map(|line| line + "\n").collect();
    Ok(Update { text, review })
}

/// Rows are ordered by section and name.
fn order(row: &str) -> Option<(&str, &str)> {
    let (section, rest) = row.split_once('\t')?;
    Some((section, rest.split_once('\t')?.0))
}

fn facts(
    key: &Key,
    dumps: &[(u32, Dump)],
    manual: &BTreeMap<Key, u32>,
    row: Option<&[&str]>,
    review: &mut Vec<String>,
) -> Facts {
    let having = |(_, dump): &&(u32, Dump)| dump.contains_key(key);
    let name = format!("[{}] {}=", key.0, key.1);
    let oldest = dumps.first().map_or(0, |(version, _)| *version);
    let first = dumps
        .iter()
        .find(having)
        .map_or(oldest, |(version, _)| *version);
    let last = dumps.iter().rfind(having);
    let without = dumps
        .iter()
        .map(|(version, _)| *version)
        .rfind(|version| *version < first)
        .unwrap_or(0);
    let fits = |version: &u32| without < *version && *version <= first;

    let told = manual.get(key).copied();
    let kept = row.and_then(|cells| cells[3].parse().ok()).filter(fits);
    let since = match told.filter(fits) {
        Some(version) => version,
        None if first == oldest => oldest,
        None => kept.unwrap_or_else(|| {
            let manual = told.map_or("nothing".to_owned(), |version| version.to_string());
            review.push(format!(
                "{name} came after {without} and is in {first}; the manual says {manual}: look it up in the NEWS"
            ));
            first
        }),
    };
    let newest = dumps.last().map(|(version, _)| *version);
    let until = last
        .map(|(version, _)| *version)
        .filter(|version| Some(*version) != newest);
    let dump = last
        .and_then(|(_, dump)| dump.get(key))
        .cloned()
        .unwrap_or_default();
    if let Some(cells) = row
        && cells[2] != dump
    {
        review.push(format!(
            "{name} takes {dump} where it took {}: look at its kind",
            cells[2]
        ));
    }
    Facts { dump, since, until }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# a table\nsection\tname\tdump\tsince\tuntil\tkind\tvalues\trepeat\treading\teffect\talias\tdefault\n";

    fn dump(items: &[(&str, &str, &str)]) -> Dump {
        let item = |(section, name, kind): &(&str, &str, &str)| {
            (((*section).into(), (*name).into()), (*kind).into())
        };
        items.iter().map(item).collect()
    }

    #[test]
    fn reviewed_columns_are_kept_and_the_others_follow_the_sources() {
        let table = format!(
            "{HEAD}Service\tNice\tOLD\t1\t\tinteger\t\tlast\tline\tresource\t\t\nUnit\tGone\tX\t247\t\ttext\t\tlast\tline\tmeaning\t\t\n"
        );
        let both = [("Service", "Nice", "NICE"), ("Socket", "Nice", "NICE")];
        let old = dump(&both);
        let new = dump(&[both[0], both[1], ("Unit", "Fresh", "BOOLEAN")]);
        let manual = [(("Unit".to_owned(), "Fresh".to_owned()), 250)].into();
        let update = update(&table, &[(247, old), (252, new)], &manual).expect("a table");
        let rows: Vec<&str> = update.text.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "Service\tNice\tNICE\t247\t\tinteger\t\tlast\tline\tresource\t\t",
                "Socket\tNice\tNICE\t247\t\t?\t\t?\t?\t?\t\t",
                "Unit\tFresh\tBOOLEAN\t250\t\t?\t\t?\t?\t?\t\t",
            ]
        );
        let review = update.review.join("\n");
        for part in [
            "Nice= takes NICE",
            "[Socket] Nice= is new",
            "Fresh= is new",
            "Gone= is in no dump",
        ] {
            assert!(review.contains(part), "{part}: {review}");
        }
    }

    #[test]
    fn a_version_that_the_dumps_contradict_is_not_believed() {
        let table = format!("{HEAD}Unit\tA\tX\t250\t\ttext\t\tlast\tline\tmeaning\t\t\n");
        let manual = [(("Unit".to_owned(), "A".to_owned()), 231)].into();
        let dumps = [
            (247, Dump::new()),
            (252, dump(&[("Unit", "A", "X")])),
            (257, Dump::new()),
        ];
        let kept = update(&table, &dumps, &manual).expect("a table");
        assert_eq!(
            kept.text.lines().last().expect("a row"),
            "Unit\tA\tX\t250\t252\ttext\t\tlast\tline\tmeaning\t\t"
        );
        assert_eq!(kept.review, Vec::<String>::new());
        let lost = update(&table.replace("\t250\t", "\t240\t"), &dumps, &manual).expect("a table");
        assert!(
            lost.review[0].contains("the manual says 231"),
            "{:?}",
            lost.review
        );
    }
}

//! `fc.exe /b ONE OTHER`, which Wine lacks, with the exit codes that Windows' own has: 0 for the same bytes, 1 for others, 2 if
//! a file is not there.

fn main() {
    let words: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    let [switch, one, other] = words.as_slice() else {
        print!("FC: Wrong number of files\r\n");
        std::process::exit(-1);
    };
    if !switch.eq_ignore_ascii_case("/b") {
        print!("FC: Invalid Switch\r\n");
        std::process::exit(-1);
    }
    let read = |path: &std::ffi::OsString| {
        std::fs::read(path).unwrap_or_else(|error| {
            print!("FC: cannot open {}: {error}\r\n", path.display());
            std::process::exit(2);
        })
    };
    let (one, other) = (read(one), read(other));
    if one != other {
        print!("FC: they differ\r\n");
        std::process::exit(1);
    }
    print!("FC: no differences encountered\r\n");
}

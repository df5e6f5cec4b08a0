//! Writing, comparing and printing artifacts: the only stage that touches the disk.

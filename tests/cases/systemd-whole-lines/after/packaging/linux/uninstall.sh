[a script: tests/README.md says where its text is tested]

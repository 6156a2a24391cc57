complete --keep-order --exclusive --command eigenstep --arguments "(EIGENSTEP_COMPLETE=fish eigenstep -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"

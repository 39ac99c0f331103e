package commands

import _ "github.com/stretchr/testify/require"

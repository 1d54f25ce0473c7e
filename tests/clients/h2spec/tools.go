// Names the program that go.mod pins; this file is never compiled.
//go:build tools

package tools

import _ "github.com/summerwind/h2spec/cmd/h2spec"

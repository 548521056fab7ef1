// Renders the chart in the folder that is named, with the values on stdin (JSON), by what Helm is made
// of: Go's templates with Sprig's functions, and Helm's own few. Debian has no Helm, but it has these:
// golang-go, golang-github-masterminds-sprig-dev, golang-gopkg-yaml.v3-dev.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type files struct{ folder string }

// Get is `.Files.Get`.
func (f files) Get(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(f.folder, name))
	return string(text), err
}

func main() {
	folder := os.Args[1]
	var values map[string]any
	must(json.NewDecoder(os.Stdin).Decode(&values))
	var manifest map[string]any
	text, err := os.ReadFile(filepath.Join(folder, "Chart.yaml"))
	must(err)
	must(yaml.Unmarshal(text, &manifest))

	all := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	delete(functions, "env") // Helm has neither.
	delete(functions, "expandenv")
	functions["include"] = func(name string, data any) (string, error) {
		var out strings.Builder
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["toYaml"] = func(value any) (string, error) {
		out, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(out), "\n"), err
	}
	functions["required"] = func(message string, value any) (any, error) {
		if value == nil || value == "" {
			return value, errors.New(message)
		}
		return value, nil
	}
	all.Funcs(functions)

	paths, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	must(err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(err)
		_, err = all.New(filepath.Base(path)).Parse(string(text))
		must(err)
	}
	data := map[string]any{
		"Values":  values,
		"Release": map[string]any{"Name": "audit", "Namespace": "default", "Service": "Helm"},
		"Chart": map[string]any{
			"Name":       manifest["name"],
			"Version":    manifest["version"],
			"AppVersion": manifest["appVersion"],
		},
		"Files": files{folder},
	}
	for _, path := range paths {
		name := filepath.Base(path)
		// Helm takes what begins so for parts of others.
		if strings.HasPrefix(name, "_") {
			continue
		}
		var out strings.Builder
		must(all.ExecuteTemplate(&out, name, data))
		fmt.Printf("---\n# %s\n%s\n", name, out.String())
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

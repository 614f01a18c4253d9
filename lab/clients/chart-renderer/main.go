// chart-renderer renders a Helm chart without helm: with Go's templates, sprig and what Helm adds to them.
//
//	chart-renderer CHART [VALUES]
//
// It prints what `helm template RELEASE CHART --namespace NAMESPACE -f VALUES` would, as fingerpost in the namespace discovery. It has no
// dependencies between charts, no hooks and no lookup, and does not read values.schema.json.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) < 2 {
		fatal(errors.New("usage: chart-renderer CHART [VALUES]"))
	}
	chart := os.Args[1]
	values := read(filepath.Join(chart, "values.yaml"))
	for _, path := range os.Args[2:] {
		merge(values, read(path))
	}
	about := map[string]any{}
	for key, value := range read(filepath.Join(chart, "Chart.yaml")) {
		about[strings.ToUpper(key[:1])+key[1:]] = value
	}
	data := map[string]any{
		"Values":  values,
		"Chart":   about,
		"Release": map[string]any{"Name": "fingerpost", "Namespace": "discovery", "Service": "Helm"},
	}
	all := template.New("chart").Option("missingkey=zero")
	all.Funcs(functions(all))
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	fatal(err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		fatal(err)
		_, err = all.New(filepath.Base(path)).Parse(string(text))
		fatal(err)
	}
	for _, path := range paths {
		if !strings.HasSuffix(path, ".yaml") && !strings.HasSuffix(path, ".txt") {
			continue
		}
		var out strings.Builder
		fatal(all.ExecuteTemplate(&out, filepath.Base(path), data))
		if strings.HasSuffix(path, ".yaml") {
			fmt.Printf("---\n# Source: %s\n%s\n", filepath.Base(path), strings.ReplaceAll(out.String(), "<no value>", ""))
		}
	}
}

func functions(all *template.Template) template.FuncMap {
	funcs := sprig.TxtFuncMap()
	// As in Helm: what a chart shows must not depend on the machine.
	delete(funcs, "env")
	delete(funcs, "expandenv")
	funcs["toYaml"] = func(value any) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	funcs["include"] = func(name string, data any) (string, error) {
		var out strings.Builder
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	return funcs
}

func read(path string) map[string]any {
	text, err := os.ReadFile(path)
	fatal(err)
	values := map[string]any{}
	fatal(yaml.Unmarshal(text, &values))
	return values
}

// merge writes the values of from over those of into, object by object.
func merge(into, from map[string]any) {
	for key, value := range from {
		inner, isObject := value.(map[string]any)
		if old, ok := into[key].(map[string]any); ok && isObject {
			merge(old, inner)
		} else {
			into[key] = value
		}
	}
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

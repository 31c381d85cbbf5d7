package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Print writes every setting, one a line, with secrets replaced.
func (c *Config) Print(w io.Writer) {
	printStruct(w, "", reflect.ValueOf(*c))
}

func printStruct(w io.Writer, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		name := prefix + kebab(field.Name)
		value := v.Field(i)
		switch {
		case value.Kind() == reflect.Struct:
			printStruct(w, field.Tag.Get("prefix"), value)
		case field.Tag.Get("secret") != "" && value.String() != "":
			fmt.Fprintf(w, "  %-24s (set)\n", name)
		case value.IsZero():
			fmt.Fprintf(w, "  %-24s -\n", name)
		default:
			fmt.Fprintf(w, "  %-24s %v\n", name, value.Interface())
		}
	}
}

// kebab turns DataDir into data-dir, and UDPAddr into udp-addr.
func kebab(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		upper := r >= 'A' && r <= 'Z'
		afterLower := i > 0 && runes[i-1] >= 'a'
		beforeLower := i+1 < len(runes) && runes[i+1] >= 'a'
		if upper && i > 0 && (afterLower || beforeLower) {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

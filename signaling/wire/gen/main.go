// Command gen derives the Go decoder and the TypeScript unions of the wire
// protocol from the structs of package wire. It understands only what the
// protocol needs (structs, embedded structs, slices, pointers, string types
// with constants, bool, int, int64, string, time.Time) and refuses the rest,
// which keeps the protocol simple.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", ".", "folder of package wire")
	ts := flag.String("ts", "", "TypeScript file to write")
	flag.Parse()
	if err := run(*dir, *ts); err != nil {
		log.Fatal(err)
	}
}

func run(dir, tsPath string) error {
	p, err := readProtocol(dir)
	if err != nil {
		return fmt.Errorf("read protocol: %w", err)
	}
	goFile, err := p.goDecoder()
	if err != nil {
		return fmt.Errorf("write decoder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "wire_gen.go"), goFile, 0o644); err != nil {
		return err
	}
	if tsPath == "" {
		return nil
	}
	text, err := p.typeScript()
	if err != nil {
		return fmt.Errorf("write TypeScript: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(tsPath), 0o755); err != nil {
		return err
	}
	return os.WriteFile(tsPath, text, 0o644)
}

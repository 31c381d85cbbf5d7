package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// protocol is what the Go files of package wire say.
type protocol struct {
	version string
	structs []structType
	enums   []enumType
}

// structType is one struct; side and wireName are set on messages.
type structType struct {
	name, doc      string
	side, wireName string
	fields         []field
}

type field struct {
	goName, jsonName, doc string
	embedded, optional    bool
	expr                  ast.Expr
}

type enumType struct {
	name, doc string
	values    []string
}

func readProtocol(dir string) (*protocol, error) {
	p := &protocol{}
	files := token.NewFileSet()
	for _, name := range []string{"wire.go", "types.go", "client.go", "server.go"} {
		file, err := parser.ParseFile(files, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			if err := p.addDecl(name, gen); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *protocol) addDecl(file string, gen *ast.GenDecl) error {
	for _, spec := range gen.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if file == "wire.go" {
				continue
			}
			if err := p.addType(gen, spec); err != nil {
				return fmt.Errorf("type %s: %w", spec.Name.Name, err)
			}
		case *ast.ValueSpec:
			p.addConst(spec)
		}
	}
	return nil
}

func (p *protocol) addConst(spec *ast.ValueSpec) {
	if len(spec.Values) != 1 {
		return
	}
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok {
		return
	}
	if spec.Names[0].Name == "Version" {
		p.version = literal.Value
		return
	}
	typeName, ok := spec.Type.(*ast.Ident)
	if !ok {
		return
	}
	for i := range p.enums {
		if p.enums[i].name == typeName.Name {
			p.enums[i].values = append(p.enums[i].values, literal.Value)
		}
	}
}

func (p *protocol) addType(gen *ast.GenDecl, spec *ast.TypeSpec) error {
	doc, side, wireName := readDoc(gen.Doc)
	switch typ := spec.Type.(type) {
	case *ast.Ident:
		if typ.Name != "string" {
			return fmt.Errorf("only string types may have names, not %s", typ.Name)
		}
		p.enums = append(p.enums, enumType{name: spec.Name.Name, doc: doc})
		return nil
	case *ast.StructType:
		fields, err := readFields(typ)
		if err != nil {
			return err
		}
		p.structs = append(p.structs, structType{name: spec.Name.Name, doc: doc, side: side, wireName: wireName, fields: fields})
		return nil
	default:
		return fmt.Errorf("%T is not part of the protocol's language", spec.Type)
	}
}

// readDoc splits a doc comment into its text and the //wire: directive.
func readDoc(group *ast.CommentGroup) (text, side, wireName string) {
	if group == nil {
		return "", "", ""
	}
	for _, comment := range group.List {
		rest, ok := strings.CutPrefix(comment.Text, "//wire:")
		if !ok {
			continue
		}
		side, wireName, _ = strings.Cut(rest, " ")
	}
	return strings.TrimSpace(group.Text()), side, strings.TrimSpace(wireName)
}

func readFields(typ *ast.StructType) ([]field, error) {
	var fields []field
	for _, f := range typ.Fields.List {
		if len(f.Names) == 0 {
			fields = append(fields, field{embedded: true, expr: f.Type})
			continue
		}
		if f.Tag == nil {
			return nil, fmt.Errorf("field %s has no json tag", f.Names[0].Name)
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return nil, err
		}
		tag = strings.TrimSuffix(strings.TrimPrefix(tag, `json:"`), `"`)
		parts := strings.Split(tag, ",")
		fields = append(fields, field{
			goName: f.Names[0].Name, jsonName: parts[0], doc: strings.TrimSpace(f.Doc.Text()),
			optional: slices.Contains(parts[1:], "omitempty"), expr: f.Type,
		})
	}
	return fields, nil
}

func (p *protocol) messages(side string) []structType {
	var found []structType
	for _, s := range p.structs {
		if s.side == side {
			found = append(found, s)
		}
	}
	return found
}

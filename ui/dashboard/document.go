package dashboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Rest is what a part of a document holds besides its known fields, and the
// order in which all of them stood. It makes writing give back what was read.
type Rest struct {
	order []string
	kept  map[string]json.RawMessage // unknown fields, and known ones that hold nothing: null, "", 0, [], {}
}

// Object is a part of a document that is an object and is not read further.
type Object json.RawMessage

// Problem is one thing that is wrong with a document.
type Problem struct {
	Path  string // panels[3].gridPos.w; "" for the whole document
	Found string
	Want  string
	Mend  string
}

// Error says what, where, and how to mend it.
func (p *Problem) Error() string {
	path := p.Path
	if path == "" {
		path = "the document"
	}
	text := fmt.Sprintf("%s: found %s, want %s", path, p.Found, p.Want)
	if p.Mend != "" {
		text += "; " + p.Mend
	}
	return text
}

// mostProblems bounds what is told about one document.
const mostProblems = 20

// problems collects them.
type problems []error

func (list *problems) add(path, found, want, mend string) {
	if len(*list) < mostProblems {
		*list = append(*list, &Problem{path, found, want, mend})
	}
}

// err returns nil without problems, and otherwise all of them as one error.
func (list problems) err() error { return errors.Join(list...) }

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func field(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// member is one field of an object, as it stands.
type member struct {
	name  string
	value json.RawMessage
}

// members splits an object, in its order. Of a name that stands twice the
// last one counts, as everywhere in JSON.
func members(raw json.RawMessage) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	var list []member
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		one := member{name: fmt.Sprint(name)}
		if err := decoder.Decode(&one.value); err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(list, func(m member) bool { return m.name == one.name }); at >= 0 {
			list[at] = one
			continue
		}
		list = append(list, one)
	}
	return list, nil
}

// kindOf names the type of a JSON value.
func kindOf(raw json.RawMessage) string {
	switch bytes.TrimSpace(raw)[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

// found shows a value, cut to a bearable length, and its type.
func found(raw json.RawMessage) string {
	text := string(bytes.TrimSpace(raw))
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	return fmt.Sprintf("%s (%s)", text, kindOf(raw))
}

// mend says how raw becomes what is wanted, where that can be said.
func mend(raw json.RawMessage, want string) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		_, err := strconv.ParseFloat(text, 64)
		switch {
		case err == nil && strings.HasSuffix(want, "number"):
			return "write " + text + " without quotes"
		case want == "true or false" && (text == "true" || text == "false"):
			return "write " + text + " without quotes"
		case want == "a list":
			return fmt.Sprintf("write [%q]", text)
		}
		return ""
	}
	switch {
	case want == "a text" && (kindOf(raw) == "a number" || kindOf(raw) == "true or false"):
		return fmt.Sprintf("write \"%s\"", bytes.TrimSpace(raw))
	case want == "a list" && kindOf(raw) == "an object":
		return "put it into [ ]"
	}
	return ""
}

// read fills v from raw. What cannot be read is noted under its path, and the
// rest is read on.
func (list *problems) read(path string, raw json.RawMessage, v reflect.Value) {
	raw = bytes.TrimSpace(raw)
	if kindOf(raw) == "null" {
		return
	}
	refuse := func(want string) { list.add(path, found(raw), want, mend(raw, want)) }
	switch v.Interface().(type) {
	case json.RawMessage:
		v.SetBytes(raw)
		return
	case Object:
		if kindOf(raw) != "an object" {
			refuse("an object")
			return
		}
		v.SetBytes(raw)
		return
	case Refresh:
		if string(raw) == "false" {
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		list.read(path, raw, v.Elem())
	case reflect.Struct:
		if kindOf(raw) != "an object" {
			refuse("an object")
			return
		}
		list.readObject(path, raw, v)
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil {
			refuse("a list")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i, item := range items {
			list.read(index(path, i), item, v.Index(i))
		}
	case reflect.String:
		var text string
		if json.Unmarshal(raw, &text) != nil {
			refuse("a text")
			return
		}
		v.SetString(text)
	case reflect.Bool:
		var flag bool
		if json.Unmarshal(raw, &flag) != nil {
			refuse("true or false")
			return
		}
		v.SetBool(flag)
	case reflect.Int, reflect.Int64:
		var n int64
		if json.Unmarshal(raw, &n) != nil {
			refuse("a whole number")
			return
		}
		v.SetInt(n)
	case reflect.Float64:
		var f float64
		if json.Unmarshal(raw, &f) != nil {
			refuse("a number")
			return
		}
		v.SetFloat(f)
	default:
		panic(fmt.Sprintf("dashboard: no way to read a %s", v.Type()))
	}
}

func (list *problems) readObject(path string, raw json.RawMessage, v reflect.Value) {
	parts, err := members(raw)
	if err != nil { // cannot be: the whole document has been read before
		list.add(path, found(raw), "JSON", err.Error())
		return
	}
	fields := fieldsOf(v)
	rest := Rest{kept: map[string]json.RawMessage{}}
	for _, part := range parts {
		rest.order = append(rest.order, part.name)
		at, known := fields[part.name]
		if known {
			list.read(field(path, part.name), part.value, at)
		}
		if !known || empty(at) {
			rest.kept[part.name] = part.value
		}
	}
	v.FieldByName("Rest").Set(reflect.ValueOf(rest))
}

// fieldsOf returns the fields of a struct by their names in JSON.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("json"); name != "" {
			fields[name] = v.Field(i)
		}
	}
	return fields
}

// empty says whether v holds nothing that would have to be written.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Struct:
		if rest, ok := reflect.TypeAssert[Rest](v.FieldByName("Rest")); ok && len(rest.order) > 0 {
			return false
		}
		for _, inner := range fieldsOf(v) {
			if !empty(inner) {
				return false
			}
		}
		return true
	default:
		return v.IsZero()
	}
}

// write appends v as JSON: its fields in the order in which they were read,
// then what is new.
func write(out *bytes.Buffer, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			out.WriteString("null")
			return nil
		}
		return write(out, v.Elem())
	case reflect.Struct:
		return writeObject(out, v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // raw
			return json.Compact(out, v.Bytes())
		}
		out.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := write(out, v.Index(i)); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	default:
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(v.Interface()); err != nil {
			return err
		}
		out.Truncate(out.Len() - 1) // the line's end
		return nil
	}
}

func writeObject(out *bytes.Buffer, v reflect.Value) error {
	rest, _ := reflect.TypeAssert[Rest](v.FieldByName("Rest"))
	fields := fieldsOf(v)
	names := slices.Clone(rest.order)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	out.WriteByte('{')
	first := true
	for _, name := range names {
		at, known := fields[name]
		kept, isKept := rest.kept[name]
		filled := known && !empty(at)
		if !filled && !isKept {
			continue
		}
		if !first {
			out.WriteByte(',')
		}
		first = false
		if err := write(out, reflect.ValueOf(name)); err != nil {
			return err
		}
		out.WriteByte(':')
		if filled {
			if err := write(out, at); err != nil {
				return err
			}
			continue
		}
		if err := json.Compact(out, kept); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

// MarshalJSON writes the document with every field that was read, known or
// not, in its old place.
func (d *Dashboard) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	if err := write(&out, reflect.ValueOf(d).Elem()); err != nil {
		return nil, fmt.Errorf("write dashboard %q: %w", d.Title, err)
	}
	return out.Bytes(), nil
}

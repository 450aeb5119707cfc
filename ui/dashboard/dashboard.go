// Package dashboard knows dashboards: their documents, which are shaped like
// Grafana's, field by field, and what makes one valid. See docs/dashboards.md.
package dashboard

import (
	"encoding/json"
)

// Dashboard is one document. Fields that are not listed here are kept as they
// were read and written again, in their place.
type Dashboard struct {
	Rest
	ID            *int64      `json:"id"`
	UID           string      `json:"uid"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	Tags          []string    `json:"tags"`
	Timezone      string      `json:"timezone"`
	Editable      *bool       `json:"editable"`
	GraphTooltip  int         `json:"graphTooltip"` // 0: each panel for itself, 1: shared crosshair, 2: shared tooltip
	Time          TimeRange   `json:"time"`
	Refresh       Refresh     `json:"refresh"`
	SchemaVersion int         `json:"schemaVersion"`
	Version       int         `json:"version"`
	Links         []Link      `json:"links"`
	Templating    Templating  `json:"templating"`
	Annotations   Annotations `json:"annotations"`
	Panels        []Panel     `json:"panels"`
}

// TimeRange is what a dashboard shows when its address says nothing.
type TimeRange struct {
	Rest
	From string `json:"from"`
	To   string `json:"to"`
}

// Refresh is how often a dashboard that does not stream asks again: "5s", or
// "" for never, which old documents spell false.
type Refresh string

// Link leads from a dashboard, a panel or a value elsewhere.
type Link struct {
	Rest
	Title       string   `json:"title"`
	Type        string   `json:"type"` // link or dashboards
	URL         string   `json:"url"`
	Tooltip     string   `json:"tooltip"`
	Icon        string   `json:"icon"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	TargetBlank bool     `json:"targetBlank"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
}

// Templating holds the variables.
type Templating struct {
	Rest
	List []Variable `json:"list"`
}

// Variable is a name that expressions and titles may use as $name.
type Variable struct {
	Rest
	Name       string          `json:"name"`
	Type       string          `json:"type"` // query, custom, constant, textbox, interval, datasource, adhoc, …
	Label      string          `json:"label"`
	Hide       int             `json:"hide"`  // 0: shown, 1: without its label, 2: not shown
	Query      json.RawMessage `json:"query"` // a text; of some types an object
	Regex      string          `json:"regex"`
	Current    Choice          `json:"current"`
	Options    []Choice        `json:"options"`
	Multi      bool            `json:"multi"`
	IncludeAll bool            `json:"includeAll"`
	AllValue   string          `json:"allValue"`
}

// Choice is one value of a variable, or several.
type Choice struct {
	Rest
	Text  json.RawMessage `json:"text"`  // a text or a list of texts
	Value json.RawMessage `json:"value"` // likewise
}

// Annotations holds the queries whose results are drawn as markers.
type Annotations struct {
	Rest
	List []Annotation `json:"list"`
}

// Annotation is one such query.
type Annotation struct {
	Rest
	Name      string `json:"name"`
	Enable    bool   `json:"enable"`
	Hide      bool   `json:"hide"`
	IconColor string `json:"iconColor"`
	Expr      string `json:"expr"`
}

// The kinds of panels that Daymark draws. Others keep their place and say so.
const (
	TimeSeries = "timeseries"
	Stat       = "stat"
	Gauge      = "gauge"
	BarGauge   = "bargauge"
	Table      = "table"
	Text       = "text"
	Row        = "row"
)

// Panel is one panel, or a row: a heading under which panels stand, in Panels
// while it is collapsed and after it while it is not.
type Panel struct {
	Rest
	ID              int64            `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Transparent     bool             `json:"transparent"`
	GridPos         *GridPos         `json:"gridPos"`
	Targets         []Target         `json:"targets"`
	FieldConfig     FieldConfig      `json:"fieldConfig"`
	Options         Object           `json:"options"` // read further for the kinds that are drawn: see Options
	Transformations []Transformation `json:"transformations"`
	Links           []Link           `json:"links"`
	Interval        string           `json:"interval"` // the least step: "10s"
	MaxDataPoints   *float64         `json:"maxDataPoints"`
	TimeFrom        string           `json:"timeFrom"`
	TimeShift       string           `json:"timeShift"`
	Repeat          string           `json:"repeat"`
	RepeatDirection string           `json:"repeatDirection"`
	MaxPerRow       int              `json:"maxPerRow"`
	Collapsed       bool             `json:"collapsed"`
	Panels          []Panel          `json:"panels"`
}

// GridPos is a panel's place on 24 columns; y and h count in cells of 30 px.
type GridPos struct {
	Rest
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Columns is the width of the grid.
const Columns = 24

// Target is one query of a panel.
type Target struct {
	Rest
	RefID        string `json:"refId"`
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat"`
	Instant      bool   `json:"instant"`
	Range        *bool  `json:"range"`
	Format       string `json:"format"` // time_series, table or heatmap
	Interval     string `json:"interval"`
	Hide         bool   `json:"hide"`
	Exemplar     bool   `json:"exemplar"`
}

// FieldConfig says how values are shown: all of them, and some otherwise.
type FieldConfig struct {
	Rest
	Defaults  Field      `json:"defaults"`
	Overrides []Override `json:"overrides"`
}

// Field is how one value is shown.
type Field struct {
	Rest
	DisplayName string      `json:"displayName"`
	Unit        string      `json:"unit"`
	Decimals    *float64    `json:"decimals"`
	Min         *float64    `json:"min"`
	Max         *float64    `json:"max"`
	NoValue     string      `json:"noValue"`
	Thresholds  *Thresholds `json:"thresholds"`
	Color       *Color      `json:"color"`
	Mappings    []Mapping   `json:"mappings"`
	Links       []Link      `json:"links"`
	Custom      Object      `json:"custom"` // of the kind of panel: see Custom
}

// Thresholds are the levels at which a value means something else.
type Thresholds struct {
	Rest
	Mode  string      `json:"mode"` // absolute, or percentage of min to max
	Steps []Threshold `json:"steps"`
}

// Threshold is what a value means from Value on; of the first step Value is
// null: from minus infinity on.
type Threshold struct {
	Rest
	Value *float64 `json:"value"`
	Color string   `json:"color"`
}

// Color says where the colour of a series comes from.
type Color struct {
	Rest
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor"`
	SeriesBy   string `json:"seriesBy"`
}

// Mapping shows a text instead of a value. What its options hold follows from
// its type: value, range, regex or special.
type Mapping struct {
	Rest
	Type    string `json:"type"`
	Options Object `json:"options"`
}

// Override is how the fields that Matcher finds are shown otherwise.
type Override struct {
	Rest
	Matcher    Matcher    `json:"matcher"`
	Properties []Property `json:"properties"`
}

// Matcher finds fields: by name, by pattern, by the target they come from.
type Matcher struct {
	Rest
	ID      string          `json:"id"` // byName, byRegexp, byFrameRefID, byType, byNames, …
	Options json.RawMessage `json:"options"`
}

// Property is one setting of an override: "unit", "custom.fillOpacity", ….
type Property struct {
	Rest
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value"`
}

// Transformation changes results before they are drawn.
type Transformation struct {
	Rest
	ID       string          `json:"id"`
	Disabled bool            `json:"disabled"`
	Options  json.RawMessage `json:"options"`
}

// Options are the options of the kinds of panels that are drawn. They are
// checked there, and left alone in every other.
type Options struct {
	Rest
	ReduceOptions ReduceOptions `json:"reduceOptions"` // stat, gauge, bargauge
	Orientation   string        `json:"orientation"`   // auto, horizontal, vertical
	ColorMode     string        `json:"colorMode"`     // stat: none, value, background
	GraphMode     string        `json:"graphMode"`     // stat: none, area
	TextMode      string        `json:"textMode"`      // stat: auto, value, value_and_name, name, none
	DisplayMode   string        `json:"displayMode"`   // bargauge: basic, gradient, lcd
	ShowUnfilled  *bool         `json:"showUnfilled"`
	Legend        Legend        `json:"legend"`  // timeseries
	Tooltip       Tooltip       `json:"tooltip"` // timeseries
	ShowHeader    *bool         `json:"showHeader"`
	SortBy        []SortBy      `json:"sortBy"`  // table
	Mode          string        `json:"mode"`    // text: markdown, html, code
	Content       string        `json:"content"` // text

	ShowThresholdLabels  bool  `json:"showThresholdLabels"`
	ShowThresholdMarkers *bool `json:"showThresholdMarkers"`
}

// ReduceOptions say which number stands for a series.
type ReduceOptions struct {
	Rest
	Values bool     `json:"values"`
	Calcs  []string `json:"calcs"` // lastNotNull, last, mean, max, min, sum, …
	Fields string   `json:"fields"`
	Limit  *float64 `json:"limit"`
}

// Legend is where the names of series stand, and with which figures.
type Legend struct {
	Rest
	ShowLegend  *bool    `json:"showLegend"`
	DisplayMode string   `json:"displayMode"` // list, table, hidden
	Placement   string   `json:"placement"`   // bottom, right
	Calcs       []string `json:"calcs"`
}

// Tooltip is what pointing at a chart shows.
type Tooltip struct {
	Rest
	Mode string `json:"mode"` // single, multi, none
	Sort string `json:"sort"` // none, asc, desc
}

// SortBy is the column by which a table is sorted.
type SortBy struct {
	Rest
	DisplayName string `json:"displayName"`
	Desc        bool   `json:"desc"`
}

// Custom is how a time series or a column of a table is drawn.
type Custom struct {
	Rest
	DrawStyle         string          `json:"drawStyle"` // line, bars, points
	LineInterpolation string          `json:"lineInterpolation"`
	LineWidth         *float64        `json:"lineWidth"`
	FillOpacity       *float64        `json:"fillOpacity"` // percent
	ShowPoints        string          `json:"showPoints"`
	Stacking          Stacking        `json:"stacking"`
	ThresholdsStyle   ThresholdsStyle `json:"thresholdsStyle"`
	AxisLabel         string          `json:"axisLabel"`
	AxisPlacement     string          `json:"axisPlacement"`
	AxisSoftMin       *float64        `json:"axisSoftMin"`
	AxisSoftMax       *float64        `json:"axisSoftMax"`
	HideFrom          HideFrom        `json:"hideFrom"`
	Align             string          `json:"align"`
	Hidden            bool            `json:"hidden"`
	Width             *float64        `json:"width"`
	CellOptions       CellOptions     `json:"cellOptions"`
}

// Stacking says whether series stand on each other.
type Stacking struct {
	Rest
	Mode  string `json:"mode"` // none, normal, percent
	Group string `json:"group"`
}

// ThresholdsStyle says how thresholds are drawn on a chart.
type ThresholdsStyle struct {
	Rest
	Mode string `json:"mode"` // off, line, dashed, area, line+area, dashed+area
}

// HideFrom says where a field does not appear.
type HideFrom struct {
	Rest
	Legend  bool `json:"legend"`
	Tooltip bool `json:"tooltip"`
	Viz     bool `json:"viz"`
}

// CellOptions say how a cell of a table is drawn.
type CellOptions struct {
	Rest
	Type string `json:"type"` // auto, gauge, color-text, color-background
}

// All calls visit with each panel and its path, rows and what stands in
// collapsed ones included.
func (d *Dashboard) All(visit func(path string, p *Panel)) { all("panels", d.Panels, visit) }

func all(path string, panels []Panel, visit func(string, *Panel)) {
	for i := range panels {
		at := index(path, i)
		visit(at, &panels[i])
		all(at+".panels", panels[i].Panels, visit)
	}
}

// PanelCount is how many panels there are, not counting rows.
func (d *Dashboard) PanelCount() int {
	n := 0
	d.All(func(_ string, p *Panel) {
		if p.Type != Row {
			n++
		}
	})
	return n
}

// drawn says whether Daymark draws panels of this kind, and so whether their
// options are its business.
func drawn(kind string) bool {
	switch kind {
	case TimeSeries, Stat, Gauge, BarGauge, Table, Text:
		return true
	}
	return false
}

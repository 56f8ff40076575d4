package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash"
	"github.com/go-chi/chi"
	"github.com/go-chi/chi/middleware"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	numberMax = 128
	timeForm  = `"2006-01-02T15:04:05.000000Z"`
)

var seconds = prometheus.NewHistogramVec(
	prometheus.HistogramOpts{Name: "http_request_duration_seconds", Help: "Duration of requests", Buckets: prometheus.DefBuckets},
	[]string{"method", "route", "status"})

// micros is a time as microseconds since the epoch; in JSON it is ISO 8601.
type micros int64

func (m micros) MarshalJSON() ([]byte, error) {
	return time.UnixMicro(int64(m)).UTC().AppendFormat(make([]byte, 0, len(timeForm)), timeForm), nil
}

// sane tells whether a request's number, as the caller sent it, may be sent back.
func sane(number string) bool {
	if number == "" || len(number) > numberMax {
		return false
	}
	for _, c := range number {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}

// dress gives each reply the request's number and the headers that all have.
func dress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number := r.Header.Get("X-Request-ID")
		if !sane(number) {
			number = randomHex()
		}
		h := w.Header()
		h.Set("X-Request-ID", number)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Origin")
		next.ServeHTTP(w, r)
	})
}

// measure counts each request and its time by route.
func measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		seen := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(seen, r)
		route := chi.RouteContext(r.Context()).RoutePattern()
		seconds.WithLabelValues(r.Method, route, strconv.Itoa(seen.Status())).Observe(time.Since(begun).Seconds())
	})
}

// send answers with JSON. What a GET found is named by its hash; who has that one is told so.
func send(w http.ResponseWriter, r *http.Request, status int, body interface{}) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if r.Method == "GET" && status == 200 {
		tag := `"` + strconv.FormatUint(xxhash.Sum64(text), 16) + `"`
		h.Set("Cache-Control", "private, no-cache")
		h.Set("ETag", tag)
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(status)
	w.Write(text)
}

func refuse(w http.ResponseWriter, r *http.Request, status int, detail string) {
	if status == 401 {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	send(w, r, status, map[string]string{"detail": detail})
}

// page is what a list's query asks for.
type page struct{ skip, limit int64 }

func pageOf(query url.Values) (p page, ok bool) {
	p.limit = 100
	read := func(name string, into *int64, least, most int64) bool {
		if !query.Has(name) {
			return true
		}
		n, err := strconv.ParseInt(query.Get(name), 10, 64)
		*into = n
		return err == nil && n >= least && n <= most
	}
	ok = read("skip", &p.skip, 0, 1<<40) && read("limit", &p.limit, 1, 500)
	return
}

// headers tell how many there are in all, and where the pages before and behind this one are.
func (p page) headers(w http.ResponseWriter, r *http.Request, total int64) {
	links := []string{}
	link := func(skip int64, rel string) {
		query := r.URL.Query()
		query.Del("skip")
		query.Del("limit")
		others := query.Encode()
		if others != "" {
			others += "&"
		}
		links = append(links, "<"+r.URL.EscapedPath()+"?"+others+"skip="+strconv.FormatInt(skip, 10)+"&limit="+strconv.FormatInt(p.limit, 10)+
			">; rel=\""+rel+"\"")
	}
	if p.skip+p.limit < total {
		link(p.skip+p.limit, "next")
	}
	if p.skip > p.limit {
		link(p.skip-p.limit, "prev")
	} else if p.skip > 0 {
		link(0, "prev")
	}
	w.Header().Set("X-Total-Count", strconv.FormatInt(total, 10))
	if len(links) > 0 {
		w.Header().Set("Link", strings.Join(links, ", "))
	}
}

// A peer of bench/peers.py in Go: net/http with chi's routes, database/sql, mattn's SQLite, golang-jwt, x/crypto's bcrypt and Prometheus's
// client from Debian's packages, on the same database file. web.go has what stands around the routes.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi"
	"github.com/golang-jwt/jwt"
	"github.com/mattn/go-sqlite3"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/crypto/bcrypt"
)

type candidate struct {
	ID              int64           `json:"id"`
	Filename        string          `json:"filename"`
	FilePath        string          `json:"file_path"`
	FileSize        int64           `json:"file_size"`
	Status          string          `json:"status"`
	Name            *string         `json:"name"`
	Email           *string         `json:"email"`
	Phone           *string         `json:"phone"`
	Skills          json.RawMessage `json:"skills"`
	DomainKnowledge *string         `json:"domain_knowledge"`
	UploadedBy      int64           `json:"uploaded_by"`
	ErrorMessage    *string         `json:"error_message"`
	CreatedAt       micros          `json:"created_at"`
	UpdatedAt       micros          `json:"updated_at"`
	ProcessedAt     *micros         `json:"processed_at"`
}

type account struct {
	ID          int64   `json:"id"`
	Email       string  `json:"email"`
	Username    string  `json:"username"`
	FullName    *string `json:"full_name"`
	Role        string  `json:"role"`
	IsActive    bool    `json:"is_active"`
	IsSuperuser bool    `json:"is_superuser"`
	CreatedAt   micros  `json:"created_at"`
	UpdatedAt   micros  `json:"updated_at"`
	TeamID      int64   `json:"team_id"`
}

const (
	accessSeconds  = 1800
	refreshSeconds = 7 * 86400
	bodyMax        = 1 << 20
	passwordMax    = 72
	skillMax       = 200
	sentence       = "Candidate resume uploaded successfully and is being processed"
)

const columns = "c.id, c.filename, c.file_path, c.file_size, c.status, c.name, c.email, c.phone, c.skills, c.domain_knowledge, " +
	"c.uploaded_by, c.error_message, c.created_at, c.updated_at, c.processed_at"

var (
	secret                                     = []byte(os.Getenv("PEER_SECRET"))
	files                                      = os.Getenv("PEER_FILES")
	userByID, byID, newest, bySkill, insertOne *sql.Stmt
	userByName, openSession, insertUser        *sql.Stmt
	count, countBySkill, byHash                *sql.Stmt
	cost                                       int
	roles                                      = map[string]bool{"viewer": true, "recruiter": true, "hr_manager": true, "admin": true}
)

type scanner interface{ Scan(...interface{}) error }

func read(row scanner) (c candidate, err error) {
	var skills []byte
	err = row.Scan(&c.ID, &c.Filename, &c.FilePath, &c.FileSize, &c.Status, &c.Name, &c.Email, &c.Phone, &skills, &c.DomainKnowledge,
		&c.UploadedBy, &c.ErrorMessage, &c.CreatedAt, &c.UpdatedAt, &c.ProcessedAt)
	c.Skills = skills
	return
}

// claims are a token's.
type claims struct {
	jwt.StandardClaims
	Session int64  `json:"sid"`
	Type    string `json:"type"`
}

func key(*jwt.Token) (interface{}, error) { return secret, nil }

var parser = jwt.Parser{ValidMethods: []string{"HS256"}}

// user finds the account behind an access token whose session has not ended.
func user(r *http.Request) (a account, err error) {
	var c claims
	if _, err = parser.ParseWithClaims(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), &c, key); err != nil {
		return
	}
	if c.Type != "access" {
		return a, errors.New("not an access token")
	}
	err = userByID.QueryRow(c.Subject, c.Session, time.Now().UnixMicro()).Scan(&a.ID, &a.Email, &a.Username, &a.FullName, &a.Role, &a.IsActive,
		&a.IsSuperuser, &a.CreatedAt, &a.UpdatedAt, &a.TeamID)
	return
}

type callerKey struct{}

// known lets pass who has a token, with the account in the request's context.
func known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by, err := user(r)
		if err != nil {
			refuse(w, r, 401, "Could not validate credentials")
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, by)))
	})
}

func caller(r *http.Request) account { return r.Context().Value(callerKey{}).(account) }

// collect reads all rows, so that the connection is free before the reply is written.
func collect(rows *sql.Rows, most int64) ([]candidate, error) {
	defer rows.Close()
	found := make([]candidate, 0, most)
	for rows.Next() {
		c, err := read(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// list answers with a page of candidates; by is what both statements choose the rows by.
func list(w http.ResponseWriter, r *http.Request, counted, chosen *sql.Stmt, by ...interface{}) {
	p, ok := pageOf(r.URL.Query())
	if !ok {
		refuse(w, r, 422, "skip or limit is not valid")
		return
	}
	var total int64
	var found []candidate
	err := counted.QueryRow(by...).Scan(&total)
	if err == nil {
		var rows *sql.Rows
		if rows, err = chosen.Query(append(by, p.limit, p.skip)...); err == nil {
			found, err = collect(rows, p.limit)
		}
	}
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	p.headers(w, r, total)
	send(w, r, 200, found)
}

func randomHex() string {
	bytes := make([]byte, 16)
	rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

// body takes a JSON body.
func body(w http.ResponseWriter, r *http.Request, into interface{}) error {
	return json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMax)).Decode(into)
}

func login(w http.ResponseWriter, r *http.Request) {
	var in struct{ Username, Password string }
	if err := body(w, r, &in); err != nil || in.Username == "" || in.Password == "" {
		refuse(w, r, 422, "username and password are required")
		return
	}
	var id int64
	var hash string
	err := userByName.QueryRow(strings.ToLower(in.Username)).Scan(&id, &hash)
	if err != nil || bcrypt.CompareHashAndPassword([]byte(hash), []byte(in.Password)) != nil {
		refuse(w, r, 401, "Incorrect username or password")
		return
	}
	now, jti := time.Now(), randomHex()
	at := now.UnixMicro()
	made, err := openSession.Exec(id, jti, at, at, at, now.Add(refreshSeconds*time.Second).UnixMicro())
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	sid, _ := made.LastInsertId()
	sign := func(kind, jti string, seconds int64) string {
		text, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{jwt.StandardClaims{Subject: strconv.FormatInt(id, 10), Id: jti,
			IssuedAt: now.Unix(), ExpiresAt: now.Unix() + seconds}, sid, kind}).SignedString(secret)
		return text
	}
	refresh := sign("refresh", jti, refreshSeconds)
	http.SetCookie(w, &http.Cookie{Name: "refresh_token", Value: refresh, Path: "/api/v1/auth", MaxAge: refreshSeconds, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: true})
	send(w, r, 200, map[string]string{"access_token": sign("access", randomHex(), accessSeconds), "refresh_token": refresh,
		"token_type": "bearer"})
}

func createUser(w http.ResponseWriter, r *http.Request) {
	by := caller(r)
	if by.Role != "admin" {
		refuse(w, r, 403, "Not enough permissions")
		return
	}
	in := struct {
		Email, Username, Password, Role string
		FullName                        *string `json:"full_name"`
	}{Role: "viewer"}
	if err := body(w, r, &in); err != nil {
		refuse(w, r, 422, err.Error())
		return
	}
	_, wrong := mail.ParseAddress(in.Email)
	if wrong != nil || len(in.Username) < 3 || len(in.Username) > 50 || len(in.Password) < 8 || len(in.Password) > passwordMax || !roles[in.Role] {
		refuse(w, r, 422, "email, username, password or role is not valid")
		return
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(in.Password), cost)
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	now := micros(time.Now().UnixMicro())
	made, err := insertUser.Exec(by.TeamID, in.Email, strings.ToLower(in.Email), in.Username, strings.ToLower(in.Username), in.FullName, in.Role,
		string(hash), now, now)
	if fault, ok := err.(sqlite3.Error); ok && fault.Code == sqlite3.ErrConstraint {
		refuse(w, r, 400, "Email or username already registered")
		return
	}
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	id, _ := made.LastInsertId()
	send(w, r, 201, account{id, in.Email, in.Username, in.FullName, in.Role, true, false, now, now, by.TeamID})
}

func upload(w http.ResponseWriter, r *http.Request) {
	by := caller(r)
	part, head, err := r.FormFile("file")
	if err != nil {
		refuse(w, r, 422, err.Error())
		return
	}
	defer part.Close()
	out, err := os.CreateTemp(files, "*.pdf")
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	defer out.Close()
	digest := sha256.New()
	size, err := io.Copy(io.MultiWriter(out, digest), part)
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	hash, now, status := hex.EncodeToString(digest.Sum(nil)), time.Now().UnixMicro(), "processing"
	var id int64
	err = byHash.QueryRow(by.TeamID, hash).Scan(&id, &status)
	duplicate := err == nil
	if err == sql.ErrNoRows {
		var made sql.Result
		if made, err = insertOne.Exec(by.TeamID, by.ID, head.Filename, filepath.Base(out.Name()), size, hash, now, now); err == nil {
			id, _ = made.LastInsertId()
		}
	} else if duplicate {
		err = os.Remove(out.Name())
	}
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	w.Header().Set("Location", "/api/v1/candidates/"+strconv.FormatInt(id, 10))
	send(w, r, 202, struct {
		Message   string `json:"message"`
		Filename  string `json:"filename"`
		Status    string `json:"status"`
		ID        int64  `json:"id"`
		Duplicate bool   `json:"duplicate"`
	}{sentence, head.Filename, status, id, duplicate})
}

func index(w http.ResponseWriter, r *http.Request) {
	list(w, r, count, newest, caller(r).TeamID)
}

func withSkill(w http.ResponseWriter, r *http.Request) {
	skill := r.URL.Query().Get("skill")
	if skill == "" || len(skill) > skillMax {
		refuse(w, r, 422, "skill is required")
		return
	}
	list(w, r, countBySkill, bySkill, strings.ToLower(skill), caller(r).TeamID)
}

func get(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil || id < 1 {
		refuse(w, r, 422, "the candidate's number is not valid")
		return
	}
	c, err := read(byID.QueryRow(id, caller(r).TeamID))
	if err == sql.ErrNoRows {
		refuse(w, r, 404, "Candidate not found")
		return
	}
	if err != nil {
		refuse(w, r, 500, err.Error())
		return
	}
	send(w, r, 200, c)
}

func routes() http.Handler {
	prometheus.MustRegister(seconds)
	mux := chi.NewRouter()
	mux.Use(measure, dress)
	mux.Method("GET", "/metrics", promhttp.Handler())
	mux.Post("/api/v1/auth/login", login)
	mux.Group(func(mux chi.Router) {
		mux.Use(known)
		mux.Get("/api/v1/auth/me", func(w http.ResponseWriter, r *http.Request) { send(w, r, 200, caller(r)) })
		mux.Post("/api/v1/users/", createUser)
		mux.Get("/api/v1/candidates/", index)
		mux.Post("/api/v1/candidates/upload", upload)
		mux.Get("/api/v1/candidates/search/by-skill", withSkill)
		mux.Get("/api/v1/candidates/{id}", get)
	})
	return mux
}

func main() {
	var err error
	if cost, err = strconv.Atoi(os.Getenv("PEER_BCRYPT_COST")); err != nil {
		log.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+os.Getenv("PEER_DB")+"?_busy_timeout=10000&_journal_mode=WAL&_synchronous=NORMAL")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxIdleConns(8)
	db.SetMaxOpenConns(8)
	prepare := func(text string) *sql.Stmt {
		s, err := db.Prepare(text)
		if err != nil {
			log.Fatal(err)
		}
		return s
	}
	userByID = prepare("SELECT u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.is_superuser, u.created_at, u.updated_at, " +
		"u.team_id FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.id = ? AND u.is_active = 1 AND s.id = ? " +
		"AND s.revoked_at IS NULL AND s.expires_at > ?")
	userByName = prepare("SELECT id, password_hash FROM users WHERE username_folded = ? AND is_active = 1")
	openSession = prepare("INSERT INTO sessions (user_id, refresh_jti, rotated_at, created_at, last_used_at, expires_at) " +
		"VALUES (?, ?, ?, ?, ?, ?)")
	insertUser = prepare("INSERT INTO users (team_id, email, email_folded, username, username_folded, full_name, role, password_hash, " +
		"created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	byID = prepare("SELECT " + columns + " FROM candidates c WHERE c.id = ? AND c.team_id = ?")
	const skilled = "s.skill_id = (SELECT id FROM skills WHERE name_folded = ?) AND s.team_id = ?"
	count = prepare("SELECT count(*) FROM candidates WHERE team_id = ?")
	newest = prepare("SELECT " + columns + " FROM candidates c WHERE c.team_id = ? ORDER BY c.id DESC LIMIT ? OFFSET ?")
	countBySkill = prepare("SELECT count(*) FROM candidate_skills s WHERE " + skilled)
	bySkill = prepare("SELECT " + columns + " FROM candidates c JOIN candidate_skills s ON s.candidate_id = c.id WHERE " + skilled +
		" ORDER BY s.candidate_id DESC LIMIT ? OFFSET ?")
	byHash = prepare("SELECT id, status FROM candidates WHERE team_id = ? AND content_hash = ?")
	insertOne = prepare("INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, " +
		"created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'processing', ?, ?)")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PEER_PORT"), routes()))
}

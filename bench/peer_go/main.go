// A peer of bench/peers.py in Go: net/http, database/sql, mattn's SQLite and x/crypto's bcrypt from Debian's packages, on the same database
// file. A token is signed and checked with the standard library, as there is one algorithm only.
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
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
	CreatedAt       int64           `json:"created_at"`
	UpdatedAt       int64           `json:"updated_at"`
	ProcessedAt     *int64          `json:"processed_at"`
}

type account struct {
	ID          int64   `json:"id"`
	Email       string  `json:"email"`
	Username    string  `json:"username"`
	FullName    *string `json:"full_name"`
	Role        string  `json:"role"`
	IsActive    bool    `json:"is_active"`
	IsSuperuser bool    `json:"is_superuser"`
	CreatedAt   int64   `json:"created_at"`
	UpdatedAt   int64   `json:"updated_at"`
	TeamID      int64   `json:"team_id"`
}

const (
	accessSeconds  = 1800
	refreshSeconds = 7 * 86400
	bodyMax        = 1 << 20
	passwordMax    = 72
	tokenHead      = `{"alg":"HS256","typ":"JWT"}`
)

const columns = "c.id, c.filename, c.file_path, c.file_size, c.status, c.name, c.email, c.phone, c.skills, c.domain_knowledge, " +
	"c.uploaded_by, c.error_message, c.created_at, c.updated_at, c.processed_at"

var (
	secret                                     = []byte(os.Getenv("PEER_SECRET"))
	files                                      = os.Getenv("PEER_FILES")
	userByID, byID, newest, bySkill, insertOne *sql.Stmt
	userByName, openSession, insertUser        *sql.Stmt
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

func signature(text string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// token signs the claims.
func token(claims map[string]interface{}) string {
	body, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString([]byte(tokenHead)) + "." + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature(text))
}

// user checks the token and loads the account behind it.
func user(r *http.Request) (a account, err error) {
	refused := fmt.Errorf("could not validate credentials")
	parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		return a, refused
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(given, signature(parts[0]+"."+parts[1])) {
		return a, refused
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Sub string
		Exp int64
	}
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.Exp < time.Now().Unix() {
		return a, refused
	}
	err = userByID.QueryRow(claims.Sub).Scan(&a.ID, &a.Email, &a.Username, &a.FullName, &a.Role, &a.IsActive, &a.IsSuperuser,
		&a.CreatedAt, &a.UpdatedAt, &a.TeamID)
	return
}

func send(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func sendRows(w http.ResponseWriter, rows *sql.Rows, err error) {
	found := []candidate{}
	if err == nil {
		defer rows.Close()
		for rows.Next() && err == nil {
			var c candidate
			if c, err = read(rows); err == nil {
				found = append(found, c)
			}
		}
	}
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	send(w, 200, found)
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
		http.Error(w, "username and password are required", 422)
		return
	}
	var id int64
	var hash string
	err := userByName.QueryRow(strings.ToLower(in.Username)).Scan(&id, &hash)
	if err != nil || bcrypt.CompareHashAndPassword([]byte(hash), []byte(in.Password)) != nil {
		http.Error(w, "Incorrect username or password", 401)
		return
	}
	now, jti := time.Now(), randomHex()
	at := now.UnixMicro()
	made, err := openSession.Exec(id, jti, at, at, at, now.Add(refreshSeconds*time.Second).UnixMicro())
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	sid, _ := made.LastInsertId()
	claims := func(kind, jti string, seconds int64) map[string]interface{} {
		return map[string]interface{}{"sub": strconv.FormatInt(id, 10), "sid": sid, "jti": jti, "type": kind, "iat": now.Unix(),
			"exp": now.Unix() + seconds}
	}
	send(w, 200, map[string]string{"access_token": token(claims("access", randomHex(), accessSeconds)),
		"refresh_token": token(claims("refresh", jti, refreshSeconds)), "token_type": "bearer"})
}

func createUser(w http.ResponseWriter, r *http.Request, by account) {
	if by.Role != "admin" {
		http.Error(w, "Not enough permissions", 403)
		return
	}
	in := struct {
		Email, Username, Password, Role string
		FullName                        *string `json:"full_name"`
	}{Role: "viewer"}
	if err := body(w, r, &in); err != nil {
		http.Error(w, err.Error(), 422)
		return
	}
	_, wrong := mail.ParseAddress(in.Email)
	if wrong != nil || len(in.Username) < 3 || len(in.Username) > 50 || len(in.Password) < 8 || len(in.Password) > passwordMax || !roles[in.Role] {
		http.Error(w, "email, username, password or role is not valid", 422)
		return
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(in.Password), cost)
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	now := time.Now().UnixMicro()
	made, err := insertUser.Exec(by.TeamID, in.Email, strings.ToLower(in.Email), in.Username, strings.ToLower(in.Username), in.FullName, in.Role,
		string(hash), now, now)
	if fault, ok := err.(sqlite3.Error); ok && fault.Code == sqlite3.ErrConstraint {
		http.Error(w, "Email or username already registered", 400)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	id, _ := made.LastInsertId()
	send(w, 201, account{id, in.Email, in.Username, in.FullName, in.Role, true, false, now, now, by.TeamID})
}

func upload(w http.ResponseWriter, r *http.Request, by account) {
	part, head, err := r.FormFile("file")
	if err != nil {
		http.Error(w, err.Error(), 422)
		return
	}
	defer part.Close()
	out, err := os.CreateTemp(files, "*.pdf")
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	defer out.Close()
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(out, hash), part)
	now := time.Now().UnixMicro()
	if err == nil {
		_, err = insertOne.Exec(by.TeamID, by.ID, head.Filename, filepath.Base(out.Name()), size, hex.EncodeToString(hash.Sum(nil)), now, now)
	}
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	send(w, 202, map[string]string{"status": "processing"})
}

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == "POST" && r.URL.Path == "/api/v1/auth/login" {
		login(w, r)
		return
	}
	by, err := user(r)
	if err != nil {
		http.Error(w, "Could not validate credentials", 401)
		return
	}
	const root = "/api/v1/candidates/"
	path, query := strings.TrimPrefix(r.URL.Path, root), r.URL.Query()
	switch {
	case r.URL.Path == "/api/v1/auth/me":
		send(w, 200, by)
	case r.Method == "POST" && r.URL.Path == "/api/v1/users/":
		createUser(w, r, by)
	case r.Method == "POST" && path == "upload":
		upload(w, r, by)
	case path == "":
		rows, err := newest.Query(by.TeamID, query.Get("limit"))
		sendRows(w, rows, err)
	case path == "search/by-skill":
		rows, err := bySkill.Query(strings.ToLower(query.Get("skill")), by.TeamID)
		sendRows(w, rows, err)
	default:
		number, _ := strconv.ParseInt(path, 10, 64)
		c, err := read(byID.QueryRow(number, by.TeamID))
		if err != nil {
			http.Error(w, "Candidate not found", 404)
			return
		}
		send(w, 200, c)
	}
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
	userByID = prepare("SELECT id, email, username, full_name, role, is_active, is_superuser, created_at, updated_at, team_id FROM users " +
		"WHERE id = ? AND is_active = 1")
	userByName = prepare("SELECT id, password_hash FROM users WHERE username_folded = ? AND is_active = 1")
	openSession = prepare("INSERT INTO sessions (user_id, refresh_jti, rotated_at, created_at, last_used_at, expires_at) " +
		"VALUES (?, ?, ?, ?, ?, ?)")
	insertUser = prepare("INSERT INTO users (team_id, email, email_folded, username, username_folded, full_name, role, password_hash, " +
		"created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	byID = prepare("SELECT " + columns + " FROM candidates c WHERE c.id = ? AND c.team_id = ?")
	newest = prepare("SELECT " + columns + " FROM candidates c WHERE c.team_id = ? ORDER BY c.id DESC LIMIT ?")
	bySkill = prepare("SELECT " + columns + " FROM candidates c JOIN candidate_skills s ON s.candidate_id = c.id WHERE s.skill_id = " +
		"(SELECT id FROM skills WHERE name_folded = ?) AND s.team_id = ? ORDER BY c.id DESC LIMIT 100")
	insertOne = prepare("INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, " +
		"created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'processing', ?, ?)")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PEER_PORT"), http.HandlerFunc(serve)))
}

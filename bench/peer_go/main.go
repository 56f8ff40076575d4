// The peer of bench/http in Go: net/http, database/sql and mattn's SQLite from Debian's packages, on the same database file. A signed
// token is checked with the standard library, as there is one algorithm only.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
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

const columns = "c.id, c.filename, c.file_path, c.file_size, c.status, c.name, c.email, c.phone, c.skills, c.domain_knowledge, " +
	"c.uploaded_by, c.error_message, c.created_at, c.updated_at, c.processed_at"

var (
	secret                                    = []byte(os.Getenv("PEER_SECRET"))
	files                                     = os.Getenv("PEER_FILES")
	userByID, byID, newest, bySkill, insertOne *sql.Stmt
)

type scanner interface{ Scan(...interface{}) error }

func read(row scanner) (c candidate, err error) {
	var skills []byte
	err = row.Scan(&c.ID, &c.Filename, &c.FilePath, &c.FileSize, &c.Status, &c.Name, &c.Email, &c.Phone, &skills, &c.DomainKnowledge,
		&c.UploadedBy, &c.ErrorMessage, &c.CreatedAt, &c.UpdatedAt, &c.ProcessedAt)
	c.Skills = skills
	return
}

// user checks the token and loads the account behind it.
func user(r *http.Request) (id, team int64, err error) {
	refused := fmt.Errorf("could not validate credentials")
	parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		return 0, 0, refused
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return 0, 0, refused
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Sub string
		Exp int64
	}
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.Exp < time.Now().Unix() {
		return 0, 0, refused
	}
	err = userByID.QueryRow(claims.Sub).Scan(&id, &team)
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

func upload(w http.ResponseWriter, r *http.Request, id, team int64) {
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
		_, err = insertOne.Exec(team, id, head.Filename, filepath.Base(out.Name()), size, hex.EncodeToString(hash.Sum(nil)), now, now)
	}
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	send(w, 202, map[string]string{"status": "processing"})
}

func serve(w http.ResponseWriter, r *http.Request) {
	id, team, err := user(r)
	if err != nil {
		http.Error(w, "Could not validate credentials", 401)
		return
	}
	const root = "/api/v1/candidates/"
	path, query := strings.TrimPrefix(r.URL.Path, root), r.URL.Query()
	switch {
	case r.Method == "POST" && path == "upload":
		upload(w, r, id, team)
	case path == "":
		rows, err := newest.Query(team, query.Get("limit"))
		sendRows(w, rows, err)
	case path == "search/by-skill":
		rows, err := bySkill.Query(strings.ToLower(query.Get("skill")), team)
		sendRows(w, rows, err)
	default:
		number, _ := strconv.ParseInt(path, 10, 64)
		c, err := read(byID.QueryRow(number, team))
		if err != nil {
			http.Error(w, "Candidate not found", 404)
			return
		}
		send(w, 200, c)
	}
}

func main() {
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
	userByID = prepare("SELECT id, team_id FROM users WHERE id = ? AND is_active = 1")
	byID = prepare("SELECT " + columns + " FROM candidates c WHERE c.id = ? AND c.team_id = ?")
	newest = prepare("SELECT " + columns + " FROM candidates c WHERE c.team_id = ? ORDER BY c.id DESC LIMIT ?")
	bySkill = prepare("SELECT " + columns + " FROM candidates c JOIN candidate_skills s ON s.candidate_id = c.id WHERE s.skill_id = " +
		"(SELECT id FROM skills WHERE name_folded = ?) AND s.team_id = ? ORDER BY c.id DESC LIMIT 100")
	insertOne = prepare("INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, " +
		"created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'processing', ?, ?)")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PEER_PORT"), http.HandlerFunc(serve)))
}

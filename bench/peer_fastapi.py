"""A peer of bench/peers.py: the same endpoints as a Python team would write them, on the same database file.

FastAPI, SQLAlchemy, SQLite, PyJWT, bcrypt and prometheus_client, from Debian's packages. Started by uvicorn with two workers; uvloop and
httptools are used if they are there. What stands around the routes are ASGI middlewares, as Starlette's documentation recommends
them (BaseHTTPMiddleware, the other usual way, would cost more).
"""
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import List, Literal, Optional
from urllib.parse import urlencode

import bcrypt
import jwt
from fastapi import Depends, FastAPI, File, HTTPException, Path, Query, Request, Response, UploadFile
from fastapi.security import OAuth2PasswordBearer
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest, multiprocess
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Column, Integer, Text, TypeDecorator, create_engine, event, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base, sessionmaker
from sqlalchemy.pool import QueuePool
from starlette.datastructures import Headers, MutableHeaders

# Connections are kept, as SQLAlchemy 2 does by itself: 1.4 would open the file anew for each request. Starlette runs up to 40 threads.
engine = create_engine("sqlite:///" + os.environ["PEER_DB"], connect_args={"check_same_thread": False, "timeout": 10},
                       poolclass=QueuePool, pool_size=20, max_overflow=20)
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()
app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")
SECRET, COST = os.environ["PEER_SECRET"], int(os.environ["PEER_BCRYPT_COST"])
ACCESS_SECONDS, REFRESH_SECONDS = 1800, 7 * 86400
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=timezone.utc), timedelta(microseconds=1)
SANE_NUMBER = re.compile(r"[\w.-]{1,128}", re.ASCII)
SECURITY = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Vary": "Origin"}
SECONDS = Histogram("http_request_duration_seconds", "Duration of requests", ["method", "route", "status"])


class Surround:
    """Around each request: its number, the headers of each reply, and its time by route."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun, status = time.perf_counter(), 500
        given = Headers(scope=scope).get("x-request-id", "")
        number = given if SANE_NUMBER.fullmatch(given) else uuid.uuid4().hex

        async def dressed(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status, headers = message["status"], MutableHeaders(scope=message)
                headers.update(SECURITY)
                headers["X-Request-ID"] = number
                headers["Cache-Control"] = "private, no-cache" if scope["method"] == "GET" and status < 400 else "no-store"
            await send(message)
        try:
            await self.app(scope, receive, dressed)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            SECONDS.labels(scope["method"], route, status).observe(time.perf_counter() - begun)


class Conditional:
    """Names the body of a GET's reply by its hash, and answers 304 to who has that one."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        start, body = None, bytearray()

        async def held(message):
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                await self.reply(scope, start, bytes(body), send)
        await self.app(scope, receive, held)

    async def reply(self, scope, start, body, send):
        if start["status"] == 200:
            tag, headers = f'"{hashlib.md5(body).hexdigest()}"', MutableHeaders(scope=start)
            headers["ETag"] = tag
            if tag in Headers(scope=scope).get("if-none-match", ""):
                start["status"], body = 304, b""
                del headers["Content-Length"]
        await send(start)
        await send({"type": "http.response.body", "body": body})


app.add_middleware(Conditional)
app.add_middleware(Surround)


@event.listens_for(engine, "connect")
def pragmas(connection, _):
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


class Micros(TypeDecorator):
    """A time that is stored as microseconds since the epoch."""
    impl, cache_ok = BigInteger, True

    def process_bind_param(self, value, dialect):
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value, dialect):
        return None if value is None else EPOCH + timedelta(microseconds=value)


def now():
    return datetime.now(timezone.utc)


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    team_id = Column(Integer)
    email = Column(Text)
    email_folded = Column(Text)
    username = Column(Text)
    username_folded = Column(Text)
    full_name = Column(Text)
    role = Column(Text)
    is_active = Column(Integer, default=1)
    is_superuser = Column(Integer, default=0)
    password_hash = Column(Text)
    created_at = Column(Micros)
    updated_at = Column(Micros)


class LoginSession(Base):
    __tablename__ = "sessions"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer)
    refresh_jti = Column(Text)
    rotated_at = Column(Micros)
    created_at = Column(Micros)
    last_used_at = Column(Micros)
    expires_at = Column(Micros)
    revoked_at = Column(Micros)


class Candidate(Base):
    __tablename__ = "candidates"
    id = Column(Integer, primary_key=True)
    team_id = Column(Integer)
    filename = Column(Text)
    file_path = Column(Text)
    file_size = Column(Integer)
    status = Column(Text)
    name = Column(Text)
    email = Column(Text)
    phone = Column(Text)
    skills = Column(Text)
    domain_knowledge = Column(Text)
    uploaded_by = Column(Integer)
    error_message = Column(Text)
    created_at = Column(Micros)
    updated_at = Column(Micros)
    processed_at = Column(Micros)
    content_hash = Column(Text)


class Skill(Base):
    __tablename__ = "skills"
    id = Column(Integer, primary_key=True)
    name_folded = Column(Text)


class CandidateSkill(Base):
    __tablename__ = "candidate_skills"
    skill_id = Column(Integer, primary_key=True)
    candidate_id = Column(Integer, primary_key=True)
    team_id = Column(Integer)


class LoginIn(BaseModel):
    username: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1000)


class UserIn(BaseModel):
    email: str = Field(max_length=254, regex=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    username: str = Field(min_length=3, max_length=50)
    password: str = Field(min_length=8, max_length=72)
    full_name: Optional[str]
    role: Literal["viewer", "recruiter", "hr_manager", "admin"] = "viewer"


class Shown(BaseModel):
    class Config:
        orm_mode = True
        json_encoders = {datetime: lambda t: t.isoformat().replace("+00:00", "Z")}


class UserOut(Shown):
    id: int
    email: str
    username: str
    full_name: Optional[str]
    role: str
    is_active: bool
    is_superuser: bool
    created_at: datetime
    updated_at: datetime
    team_id: int


class CandidateOut(Shown):
    id: int
    filename: str
    file_path: str
    file_size: int
    status: str
    name: Optional[str]
    email: Optional[str]
    phone: Optional[str]
    skills: Optional[List[str]]
    domain_knowledge: Optional[str]
    uploaded_by: int
    error_message: Optional[str]
    created_at: datetime
    updated_at: datetime
    processed_at: Optional[datetime]


class UploadOut(BaseModel):
    message: str = "Candidate resume uploaded successfully and is being processed"
    filename: str
    status: str
    id: int
    duplicate: bool


def db():
    session = SessionLocal()
    try:
        yield session
    finally:
        session.close()


def refused(detail):
    return HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})


def current_user(token: str = Depends(bearer), session: Session = Depends(db)):
    """The account behind an access token whose session has not ended."""
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        raise refused("Could not validate credentials")
    user = (session.query(User).join(LoginSession, LoginSession.user_id == User.id)
            .filter(User.id == int(claims["sub"]), User.is_active == 1, LoginSession.id == claims["sid"],
                    LoginSession.revoked_at.is_(None), LoginSession.expires_at > now()).one_or_none())
    if user is None or claims["type"] != "access":
        raise refused("Could not validate credentials")
    return user


def shown(c):
    return {**{k: getattr(c, k) for k in CandidateOut.__fields__ if k != "skills"},
            "skills": json.loads(c.skills) if c.skills else None}


def signed(kind, user, login, jti, at, seconds):
    return jwt.encode({"sub": str(user.id), "sid": login.id, "jti": jti, "type": kind, "iat": at, "exp": at + timedelta(seconds=seconds)},
                      SECRET)


def page(request, response, skip, limit, total):
    """How many there are in all, and where the pages before and behind this one are."""
    def link(at, rel):
        others = {k: v for k, v in request.query_params.items() if k not in ("skip", "limit")}
        return f'<{request.url.path}?{urlencode({**others, "skip": at, "limit": limit})}>; rel="{rel}"'
    links = [link(skip + limit, "next")] if skip + limit < total else []
    if skip > 0:
        links.append(link(max(0, skip - limit), "prev"))
    response.headers["X-Total-Count"] = str(total)
    if links:
        response.headers["Link"] = ", ".join(links)


@app.get("/metrics")
def metrics():
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@app.post("/api/v1/auth/login")
def log_in(given: LoginIn, response: Response, session: Session = Depends(db)):
    user = session.query(User).filter(User.username_folded == given.username.lower(), User.is_active == 1).first()
    if user is None or not bcrypt.checkpw(given.password.encode(), user.password_hash.encode()):
        raise refused("Incorrect username or password")
    at, jti = now(), uuid.uuid4().hex
    login = LoginSession(user_id=user.id, refresh_jti=jti, rotated_at=at, created_at=at, last_used_at=at,
                         expires_at=at + timedelta(seconds=REFRESH_SECONDS))
    session.add(login)
    session.commit()
    refresh = signed("refresh", user, login, jti, at, REFRESH_SECONDS)
    response.set_cookie("refresh_token", refresh, path="/api/v1/auth", max_age=REFRESH_SECONDS, httponly=True, samesite="strict", secure=True)
    return {"access_token": signed("access", user, login, uuid.uuid4().hex, at, ACCESS_SECONDS), "refresh_token": refresh,
            "token_type": "bearer"}


@app.get("/api/v1/auth/me", response_model=UserOut)
def me(user=Depends(current_user)):
    return user


@app.post("/api/v1/users/", status_code=201, response_model=UserOut)
def create_user(given: UserIn, user=Depends(current_user), session: Session = Depends(db)):
    if user.role != "admin":
        raise HTTPException(403, "Not enough permissions")
    at = now()
    made = User(team_id=user.team_id, email=given.email, email_folded=given.email.lower(), username=given.username,
                username_folded=given.username.lower(), full_name=given.full_name, role=given.role, created_at=at, updated_at=at,
                password_hash=bcrypt.hashpw(given.password.encode(), bcrypt.gensalt(COST)).decode())
    session.add(made)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(400, "Email or username already registered")
    return made


@app.get("/api/v1/candidates/search/by-skill", response_model=List[CandidateOut])
def by_skill(request: Request, response: Response, skill: str = Query(min_length=1, max_length=200), skip: int = Query(0, ge=0),
             limit: int = Query(100, ge=1, le=500), user=Depends(current_user), session: Session = Depends(db)):
    wanted = session.query(Skill.id).filter(Skill.name_folded == skill.lower()).scalar_subquery()
    having = (CandidateSkill.skill_id == wanted, CandidateSkill.team_id == user.team_id)
    page(request, response, skip, limit, session.query(func.count()).select_from(CandidateSkill).filter(*having).scalar())
    rows = (session.query(Candidate).join(CandidateSkill, CandidateSkill.candidate_id == Candidate.id).filter(*having)
            .order_by(CandidateSkill.candidate_id.desc()).offset(skip).limit(limit).all())
    return [shown(c) for c in rows]


@app.post("/api/v1/candidates/upload", status_code=202, response_model=UploadOut)
def upload(response: Response, file: UploadFile = File(...), user=Depends(current_user), session: Session = Depends(db)):
    content_hash = hashlib.sha256(file.file.read()).hexdigest()
    size = file.file.tell()
    c = session.query(Candidate).filter(Candidate.team_id == user.team_id, Candidate.content_hash == content_hash).first()
    duplicate = c is not None
    if not duplicate:
        path = os.path.join(os.environ["PEER_FILES"], uuid.uuid4().hex + ".pdf")
        file.file.seek(0)
        with open(path, "wb") as out:
            shutil.copyfileobj(file.file, out)
        at = now()
        c = Candidate(team_id=user.team_id, uploaded_by=user.id, filename=file.filename, file_path=path, file_size=size, status="processing",
                      content_hash=content_hash, created_at=at, updated_at=at)
        session.add(c)
        session.commit()
    response.headers["Location"] = f"/api/v1/candidates/{c.id}"
    return UploadOut(filename=file.filename, status=c.status, id=c.id, duplicate=duplicate)


@app.get("/api/v1/candidates/{candidate_id}", response_model=CandidateOut)
def get(candidate_id: int = Path(ge=1), user=Depends(current_user), session: Session = Depends(db)):
    c = session.get(Candidate, candidate_id)
    if c is None or c.team_id != user.team_id:
        raise HTTPException(404, "Candidate not found")
    return shown(c)


@app.get("/api/v1/candidates/", response_model=List[CandidateOut])
def index(request: Request, response: Response, skip: int = Query(0, ge=0), limit: int = Query(100, ge=1, le=500),
          user=Depends(current_user), session: Session = Depends(db)):
    own = Candidate.team_id == user.team_id
    page(request, response, skip, limit, session.query(func.count()).select_from(Candidate).filter(own).scalar())
    rows = session.query(Candidate).filter(own).order_by(Candidate.id.desc()).offset(skip).limit(limit).all()
    return [shown(c) for c in rows]

"""A peer of bench/peers.py: the same endpoints as a Python team would write them, on the same database file.

FastAPI, SQLAlchemy, SQLite, PyJWT and bcrypt, from Debian's packages. Started by uvicorn with two workers.
"""
import hashlib
import json
import os
import shutil
import time
import uuid
from typing import List, Literal, Optional

import bcrypt
import jwt
from fastapi import Depends, FastAPI, File, HTTPException, UploadFile
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, Field
from sqlalchemy import Column, Integer, Text, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///" + os.environ["PEER_DB"], connect_args={"check_same_thread": False, "timeout": 10})
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()
app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")
SECRET, COST = os.environ["PEER_SECRET"], int(os.environ["PEER_BCRYPT_COST"])
ACCESS_SECONDS, REFRESH_SECONDS = 1800, 7 * 86400


@event.listens_for(engine, "connect")
def pragmas(connection, _):
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


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
    created_at = Column(Integer)
    updated_at = Column(Integer)


class LoginSession(Base):
    __tablename__ = "sessions"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer)
    refresh_jti = Column(Text)
    rotated_at = Column(Integer)
    created_at = Column(Integer)
    last_used_at = Column(Integer)
    expires_at = Column(Integer)


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
    created_at = Column(Integer)
    updated_at = Column(Integer)
    processed_at = Column(Integer)
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


class UserOut(BaseModel):
    id: int
    email: str
    username: str
    full_name: Optional[str]
    role: str
    is_active: bool
    is_superuser: bool
    created_at: int
    updated_at: int
    team_id: int

    class Config:
        orm_mode = True


class CandidateOut(BaseModel):
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
    created_at: int
    updated_at: int
    processed_at: Optional[int]


def db():
    session = SessionLocal()
    try:
        yield session
    finally:
        session.close()


def current_user(token: str = Depends(bearer), session: Session = Depends(db)):
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException(401, "Could not validate credentials")
    user = session.get(User, int(claims["sub"]))
    if user is None or not user.is_active:
        raise HTTPException(401, "Could not validate credentials")
    return user


def shown(c):
    return {**{k: getattr(c, k) for k in CandidateOut.__fields__ if k != "skills"},
            "skills": json.loads(c.skills) if c.skills else None}


def signed(kind, user, login, jti, now, seconds):
    return jwt.encode({"sub": str(user.id), "sid": login.id, "jti": jti, "type": kind, "iat": now, "exp": now + seconds}, SECRET)


@app.post("/api/v1/auth/login")
def log_in(given: LoginIn, session: Session = Depends(db)):
    user = session.query(User).filter(User.username_folded == given.username.lower(), User.is_active == 1).first()
    if user is None or not bcrypt.checkpw(given.password.encode(), user.password_hash.encode()):
        raise HTTPException(401, "Incorrect username or password")
    now, jti = int(time.time()), uuid.uuid4().hex
    login = LoginSession(user_id=user.id, refresh_jti=jti, rotated_at=now * 10**6, created_at=now * 10**6, last_used_at=now * 10**6,
                         expires_at=(now + REFRESH_SECONDS) * 10**6)
    session.add(login)
    session.commit()
    return {"access_token": signed("access", user, login, uuid.uuid4().hex, now, ACCESS_SECONDS),
            "refresh_token": signed("refresh", user, login, jti, now, REFRESH_SECONDS), "token_type": "bearer"}


@app.get("/api/v1/auth/me", response_model=UserOut)
def me(user=Depends(current_user)):
    return user


@app.post("/api/v1/users/", status_code=201, response_model=UserOut)
def create_user(given: UserIn, user=Depends(current_user), session: Session = Depends(db)):
    if user.role != "admin":
        raise HTTPException(403, "Not enough permissions")
    now = int(time.time() * 1e6)
    made = User(team_id=user.team_id, email=given.email, email_folded=given.email.lower(), username=given.username,
                username_folded=given.username.lower(), full_name=given.full_name, role=given.role, created_at=now, updated_at=now,
                password_hash=bcrypt.hashpw(given.password.encode(), bcrypt.gensalt(COST)).decode())
    session.add(made)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(400, "Email or username already registered")
    return made


@app.get("/api/v1/candidates/search/by-skill", response_model=List[CandidateOut])
def by_skill(skill: str, limit: int = 100, user=Depends(current_user), session: Session = Depends(db)):
    rows = (session.query(Candidate).join(CandidateSkill, CandidateSkill.candidate_id == Candidate.id)
            .join(Skill, Skill.id == CandidateSkill.skill_id).filter(Skill.name_folded == skill.lower(), CandidateSkill.team_id == user.team_id)
            .order_by(Candidate.id.desc()).limit(limit).all())
    return [shown(c) for c in rows]


@app.post("/api/v1/candidates/upload", status_code=202)
def upload(file: UploadFile = File(...), user=Depends(current_user), session: Session = Depends(db)):
    path = os.path.join(os.environ["PEER_FILES"], uuid.uuid4().hex + ".pdf")
    with open(path, "wb") as out:
        shutil.copyfileobj(file.file, out)
    size = file.file.tell()
    file.file.seek(0)
    now = int(time.time() * 1e6)
    session.add(Candidate(team_id=user.team_id, uploaded_by=user.id, filename=file.filename, file_path=path, file_size=size, status="processing",
                          content_hash=hashlib.sha256(file.file.read()).hexdigest(), created_at=now, updated_at=now))
    session.commit()
    return {"status": "processing"}


@app.get("/api/v1/candidates/{candidate_id}", response_model=CandidateOut)
def get(candidate_id: int, user=Depends(current_user), session: Session = Depends(db)):
    c = session.get(Candidate, candidate_id)
    if c is None or c.team_id != user.team_id:
        raise HTTPException(404, "Candidate not found")
    return shown(c)


@app.get("/api/v1/candidates/", response_model=List[CandidateOut])
def index(skip: int = 0, limit: int = 100, user=Depends(current_user), session: Session = Depends(db)):
    rows = session.query(Candidate).filter(Candidate.team_id == user.team_id).order_by(Candidate.id.desc()).offset(skip).limit(limit).all()
    return [shown(c) for c in rows]

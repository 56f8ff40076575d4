"""The peer of bench/http: the same endpoints as a Python team would write them, on the same database file.

FastAPI, SQLAlchemy, SQLite, PyJWT, from Debian's packages. Started by uvicorn with two workers.
"""
import hashlib
import json
import os
import shutil
import time
import uuid
from typing import List, Optional

import jwt
from fastapi import Depends, FastAPI, File, HTTPException, UploadFile
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel
from sqlalchemy import Column, Integer, Text, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///" + os.environ["PEER_DB"], connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()
app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    team_id = Column(Integer)
    role = Column(Text)
    is_active = Column(Integer)


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
        claims = jwt.decode(token, os.environ["PEER_SECRET"], algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException(401, "Could not validate credentials")
    user = session.get(User, int(claims["sub"]))
    if user is None or not user.is_active:
        raise HTTPException(401, "Could not validate credentials")
    return user


def shown(c):
    return {**{k: getattr(c, k) for k in CandidateOut.__fields__ if k != "skills"},
            "skills": json.loads(c.skills) if c.skills else None}


@app.get("/api/v1/candidates/search/by-skill", response_model=List[CandidateOut])
def by_skill(skill: str, limit: int = 100, user=Depends(current_user), session: Session = Depends(db)):
    rows = (session.query(Candidate).join(CandidateSkill, CandidateSkill.candidate_id == Candidate.id)
            .join(Skill, Skill.id == CandidateSkill.skill_id).filter(Skill.name_folded == skill.lower())
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
    if c is None:
        raise HTTPException(404, "Candidate not found")
    return shown(c)


@app.get("/api/v1/candidates/", response_model=List[CandidateOut])
def index(skip: int = 0, limit: int = 100, user=Depends(current_user), session: Session = Depends(db)):
    rows = session.query(Candidate).order_by(Candidate.id.desc()).offset(skip).limit(limit).all()
    return [shown(c) for c in rows]

/*
 * See teams.h. Who is in which team is a column of users, so adding a member is moving a user; who
 * is removed without a place to go to gets a team of their own.
 */
#include "app/teams.h"

#include <string.h>

#include "app/export.h"
#include "app/query.h"
#include "app/users.h"
#include "core/route.h"
#include "core/task.h"

enum { NAME_MAX_CHARS = 100 };

/* ---- schemas ---- */

struct team {
	int64_t id;
	const char *name;
	struct when created_at, updated_at;
	int64_t members;
};
#define TEAM_FIELDS                                                               \
	FIELD(struct team, id, 0, .doc = "Number of the team", .example = "1"),       \
		FIELD(struct team, name, 0, .doc = "Name", .example = "\"Engineering\""), \
		FIELD(struct team, created_at, 0, .doc = "When it was made",              \
			  .example = "\"2025-11-28T10:00:00Z\""),                             \
		FIELD(struct team, updated_at, 0, .doc = "When its name last changed",    \
			  .example = "\"2025-11-28T10:00:00Z\"")
static const struct field exported_fields[] = {TEAM_FIELDS};
static const struct schema exported_schema = SCHEMA("TeamExport", struct team, exported_fields);
static const struct field team_fields[] = {
	TEAM_FIELDS,
	FIELD(struct team, members, 0, .doc = "Number of members", .example = "4"),
};
static const struct schema team_schema = SCHEMA("Team", struct team, team_fields);

struct team_in {
	int64_t id;
	const char *name;
};
#define NAME_FIELD                                                                              \
	FIELD(struct team_in, name, F_REQUIRED | F_WORDS | F_LINE, .min = 1, .max = NAME_MAX_CHARS, \
		  .doc = "Name", .example = "\"Engineering\"")
#define TEAM_ID(T) FIELD(T, id, F_PATH, .min = 1, .doc = "Team ID", .example = "1")
static const struct field create_fields[] = {NAME_FIELD};
static const struct schema create_schema = SCHEMA("TeamCreate", struct team_in, create_fields);
static const struct field update_fields[] = {TEAM_ID(struct team_in), NAME_FIELD};
static const struct schema update_schema = SCHEMA("TeamUpdate", struct team_in, update_fields);
static const struct field id_fields[] = {TEAM_ID(struct team_in)};
static const struct schema id_schema = SCHEMA("TeamId", struct team_in, id_fields);

struct list_in {
	int64_t skip, limit, id;
	const char *search;
};
static const struct field list_fields[] = {
	QUERY_PAGE(struct list_in),
	FIELD(struct list_in, search, F_QUERY, .max = 200, .doc = "Part of the name",
		  .example = "\"eng\""),
};
static const struct schema list_schema = SCHEMA("TeamList", struct list_in, list_fields);
static const struct field members_fields[] = {TEAM_ID(struct list_in), QUERY_PAGE(struct list_in)};
static const struct schema members_schema = SCHEMA("TeamMembers", struct list_in, members_fields);

struct member_in {
	int64_t id, user_id;
	const char *role;
	struct opt_int move_to;
};
#define USER_ID FIELD(struct member_in, user_id, F_PATH, .min = 1, .doc = "User ID", .example = "2")
static const struct field add_fields[] = {
	TEAM_ID(struct member_in),
	FIELD(struct member_in, user_id, F_REQUIRED, .min = 1, .doc = "User who joins the team",
		  .example = "2"),
	FIELD(struct member_in, role, F_NULL, .choices = role_choices,
		  .doc = "Role from then on; left out: as it was", .example = "\"recruiter\""),
};
static const struct schema add_schema = SCHEMA("TeamMemberAdd", struct member_in, add_fields);
static const struct field role_fields[] = {
	TEAM_ID(struct member_in),
	USER_ID,
	FIELD(struct member_in, role, F_REQUIRED, .choices = role_choices, .doc = "New role",
		  .example = "\"hr_manager\""),
};
static const struct schema role_schema = SCHEMA("TeamMemberRole", struct member_in, role_fields);
static const struct field remove_fields[] = {
	TEAM_ID(struct member_in),
	USER_ID,
	FIELD(struct member_in, move_to, F_QUERY, .min = 1,
		  .doc = "Team that the user joins; left out: a new one of their own", .example = "1"),
};
static const struct schema remove_schema =
	SCHEMA("TeamMemberRemove", struct member_in, remove_fields);

struct tidy_args {
	int64_t team_id;
};
static const struct field tidy_fields[] = {
	FIELD(struct tidy_args, team_id, F_REQUIRED, .min = 1, .doc = "Team", .example = "1"),
};
static const struct schema tidy_schema = SCHEMA("TeamTidyArgs", struct tidy_args, tidy_fields);

/* ---- rows ---- */

/* The first characters of a name, at most NAME_MAX_CHARS. */
static const char *cut(struct ctx *c, const char *name)
{
	const char *s = name, *end = name + strlen(name);
	uint32_t cp;

	for (int i = 0; i < NAME_MAX_CHARS && s < end; i++) {
		size_t n = utf8_decode(s, (size_t)(end - s), &cp);

		s += n > 0 ? n : 1;
	}
	return arena_strndup(c->arena, name, (size_t)(s - name));
}

int teams_create(struct ctx *c, const char *name, int64_t *id)
{
	const char *own = cut(c, name);

	return db_int(c->db, id,
				  "INSERT INTO teams (name, name_folded, created_at, updated_at) "
				  "VALUES ($1, $2, $3, $3) RETURNING id",
				  P(own), P(text_fold(c->arena, own)), P(c->now));
}

static int rename_team(struct ctx *c, int64_t id, const char *name)
{
	return db_exec(c->db, NULL,
				   "UPDATE teams SET name = $2, name_folded = $3, updated_at = $4 WHERE id = $1",
				   P(id), P(name), P(text_fold(c->arena, name)), P(c->now));
}

int teams_set_owner(struct ctx *c, int64_t id, int64_t user_id)
{
	return db_exec(c->db, NULL, "UPDATE teams SET owner_id = $2 WHERE id = $1", P(id), P(user_id));
}

int teams_exists(struct ctx *c, int64_t id)
{
	int64_t found;

	return db_int(c->db, &found, "SELECT id FROM teams WHERE id = $1", P(id));
}

static int not_found(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "Team not found");
}

/* The team with the number of its members. */
static int get_team(struct ctx *c, int64_t id, struct team *out)
{
	struct team t;
	int rc = db_one(c->db, c->arena, &team_schema, &t,
					"SELECT id, name, created_at, updated_at, 0 AS members FROM teams "
					"WHERE id = $1",
					P(id));

	if (rc == E_NOT_FOUND)
		return not_found(c);
	TRY(rc);
	TRY(users_count(c, id, &t.members));
	*out = t;
	return OK;
}

/* ---- rules ---- */

static bool is_admin(const struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN;
}

int team_of(struct ctx *c, int64_t requested, int64_t *out)
{
	int64_t own = c->actor->team_id, wanted = requested == 0 ? own : requested;
	int rc;

	if (wanted != own) {
		if (!is_admin(c))
			return not_found(c);
		rc = teams_exists(c, wanted);
		if (rc == E_NOT_FOUND)
			return not_found(c);
		TRY(rc);
	}
	*out = wanted;
	return OK;
}

int team_scope(struct ctx *c, int64_t requested, int64_t *out)
{
	if (requested == 0 && is_admin(c)) {
		*out = 0;
		return OK;
	}
	return team_of(c, requested, out);
}

/* The member of the team; E_NOT_FOUND if the user is in another. */
static int find_member(struct ctx *c, const struct member_in *in, struct user *out)
{
	int64_t team;

	TRY(team_of(c, in->id, &team));
	TRY(users_get(c, in->user_id, out));
	return out->team_id == team ? OK : fail(c, E_NOT_FOUND, "The team has no such member");
}

static int move(struct ctx *c, const struct user *u, int64_t team, const char *role,
				struct user *out)
{
	c->audit_target = arena_printf(c->arena, "user_id %lld", (long long)u->id);
	c->audit_detail =
		arena_printf(c->arena, "team %lld -> %lld, role %s -> %s", (long long)u->team_id,
					 (long long)team, u->role, role != NULL ? role : u->role);
	return users_move(c, u, team, role, out);
}

/* ---- handlers ---- */

struct counting {
	struct team *next, *end;
};

/* Teams and sizes both come in the order of the ids. */
static int note_size(void *arg, const void *value)
{
	const struct team_size *size = value;
	struct counting *at = arg;

	while (at->next < at->end && at->next->id < size->team_id)
		at->next++;
	if (at->next < at->end && at->next->id == size->team_id)
		at->next->members = size->members;
	return OK;
}

static int count_members(struct ctx *c, struct list *teams)
{
	struct team *t = teams->items;

	if (teams->n == 0)
		return OK;
	return users_count_each(c, t[0].id, t[teams->n - 1].id, note_size,
							&(struct counting){t, t + teams->n});
}

static int list(struct ctx *c)
{
	const struct list_in *in = c->in;
	struct query q;
	int64_t team;

	TRY(team_scope(c, 0, &team));
	query_init(&q, c->arena);
	if (team != 0)
		query_and(&q, "id = ?", P(team));
	if (!text_is_blank(in->search))
		query_and(&q, "COALESCE(name_folded, lower(name)) LIKE ? ESCAPE '\\'",
				  P(query_like(c->arena, in->search)));
	TRY(query_page(c, &q, &team_schema, "id, name, created_at, updated_at, 0 AS members", "teams",
				   "id", in->skip, in->limit));
	return count_members(c, c->out);
}

static int create(struct ctx *c)
{
	const struct team_in *in = c->in;
	int64_t id;

	TRY(teams_create(c, in->name, &id));
	c->audit_target = arena_printf(c->arena, "team_id %lld", (long long)id);
	TRY(ctx_header(c, "Location", arena_printf(c->arena, "/api/v1/teams/%lld", (long long)id)));
	return get_team(c, id, c->out);
}

static int get(struct ctx *c)
{
	const struct team_in *in = c->in;
	int64_t team;

	TRY(team_of(c, in->id, &team));
	return get_team(c, team, c->out);
}

static int update(struct ctx *c)
{
	const struct team_in *in = c->in;
	int64_t team;

	TRY(team_of(c, in->id, &team));
	TRY(rename_team(c, team, in->name));
	return get_team(c, team, c->out);
}

static int delete (struct ctx *c)
{
	const struct team_in *in = c->in;
	struct team t;
	int rc;

	TRY(get_team(c, in->id, &t));
	if (t.members > 0)
		return fail(c, E_CONFLICT, "The team has members; move them to another team first");
	rc = db_exec(c->db, NULL, "DELETE FROM teams WHERE id = $1", P(t.id));
	if (rc == E_CONFLICT)
		return fail(c, E_CONFLICT,
					"Something still belongs to the team, for example candidates; "
					"delete that first");
	return rc;
}

static int members(struct ctx *c)
{
	const struct list_in *in = c->in;
	int64_t team;

	TRY(team_of(c, in->id, &team));
	return users_members(c, team, in->skip, in->limit);
}

static int add_member(struct ctx *c)
{
	const struct member_in *in = c->in;
	struct user u;
	int64_t team;

	TRY(team_of(c, in->id, &team));
	TRY(users_get(c, in->user_id, &u));
	if (u.team_id == team)
		return fail(c, E_CONFLICT, "The user is a member of this team already");
	return move(c, &u, team, in->role, c->out);
}

static int set_role(struct ctx *c)
{
	const struct member_in *in = c->in;
	struct user u;

	TRY(find_member(c, in, &u));
	return move(c, &u, u.team_id, in->role, c->out);
}

static int remove_member(struct ctx *c)
{
	const struct member_in *in = c->in;
	struct user u, ignored;
	int64_t to;

	TRY(find_member(c, in, &u));
	if (in->move_to.set) {
		TRY(team_of(c, in->move_to.v, &to));
		if (to == u.team_id)
			return fail(c, E_RULE, "Name another team in move_to");
	} else {
		TRY(teams_create(c, u.username, &to));
		TRY(teams_set_owner(c, to, u.id));
	}
	return move(c, &u, to, NULL, &ignored);
}

/* ---- what belongs to a user ---- */

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	struct user u;

	TRY(users_get(c, user_id, &u));
	return export_rows(x, "teams", &exported_schema,
					   "SELECT id, name, created_at, updated_at FROM teams "
					   "WHERE id = $1 OR owner_id = $2 ORDER BY id",
					   P(u.team_id), P(user_id));
}

static int tidy_tx(struct ctx *c, void *arg)
{
	const struct tidy_args *in = arg;
	int64_t members;

	TRY(users_count(c, in->team_id, &members));
	return members > 0 ? OK
					   : db_exec(c->db, NULL, "DELETE FROM teams WHERE id = $1", P(in->team_id));
}

/* What still belongs to the team keeps it. */
static int tidy(struct ctx *c)
{
	struct tidy_args in = *(const struct tidy_args *)c->in;
	int rc = tx(c, tidy_tx, &in);

	return rc == E_CONFLICT ? OK : rc;
}

static const struct task_kind tasks[] = {
	{.name = "teams.tidy",
	 .args = &tidy_schema,
	 .pool = TASK_BACKGROUND,
	 .attempts = 5,
	 .run = tidy},
};

int teams_owner_gone(struct ctx *c, int64_t user_id)
{
	struct list owned;
	const struct team *t;

	TRY(db_list(c->db, c->arena, &team_schema, SCHEMA_LIST_MAX, &owned,
				"UPDATE teams SET owner_id = NULL WHERE owner_id = $1 "
				"RETURNING id, name, created_at, updated_at, 0 AS members",
				P(user_id)));
	t = owned.items;
	for (size_t i = 0; i < owned.n; i++) {
		int64_t n;

		TRY(users_count(c, t[i].id, &n));
		if (n > 0)
			continue;
		TRY(rename_team(c, t[i].id, arena_printf(c->arena, "Team %lld", (long long)t[i].id)));
		TRY(task_add(c, &tasks[0], &(struct tidy_args){t[i].id},
					 arena_printf(c->arena, "%lld", (long long)t[i].id), 0));
	}
	return OK;
}

/* ---- tables ---- */

static const short gone[] = {404, 0}, clash[] = {404, 409, 0}, refused[] = {400, 403, 404, 0};
static const short added[] = {400, 403, 404, 409, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/teams/", list, &list_schema, &team_schema, .role = ROLE_VIEWER, .status = 200,
	 .flags = ROUTE_LIST, .tag = "teams",
	 .doc = "List teams\nAdministrators see all, others their own."},
	{"POST", "/api/v1/teams/", create, &create_schema, &team_schema, .role = ROLE_ADMIN,
	 .body = BODY_JSON, .status = 201, .audit = "team.create", .tag = "teams",
	 .doc = "Make a team"},
	{"GET", "/api/v1/teams/{id}", get, &id_schema, &team_schema, .role = ROLE_VIEWER, .status = 200,
	 .tag = "teams", .doc = "One team", .errors = gone},
	{"PATCH", "/api/v1/teams/{id}", update, &update_schema, &team_schema, .role = ROLE_ADMIN,
	 .body = BODY_JSON, .status = 200, .flags = ROUTE_IF_MATCH, .audit = "team.update",
	 .tag = "teams", .doc = "Rename a team", .errors = gone},
	{"DELETE", "/api/v1/teams/{id}", delete, &id_schema, NULL, .role = ROLE_ADMIN, .status = 204,
	 .audit = "team.delete", .tag = "teams",
	 .doc = "Delete a team to which nothing belongs any more", .errors = clash},
	{"GET", "/api/v1/teams/{id}/members", members, &members_schema, &member_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "teams",
	 .doc = "Members of a team", .errors = gone},
	{"POST", "/api/v1/teams/{id}/members", add_member, &add_schema, &member_schema,
	 .role = ROLE_ADMIN, .body = BODY_JSON, .status = 201, .audit = "team.add_member",
	 .tag = "teams",
	 .doc = "Move a user into the team\nCandidates that the user uploaded stay with the team they "
			"were uploaded for.",
	 .errors = added},
	{"PATCH", "/api/v1/teams/{id}/members/{user_id}", set_role, &role_schema, &member_schema,
	 .role = ROLE_ADMIN, .body = BODY_JSON, .status = 200, .audit = "team.change_role",
	 .tag = "teams", .doc = "Change a member's role", .errors = refused},
	{"DELETE", "/api/v1/teams/{id}/members/{user_id}", remove_member, &remove_schema, NULL,
	 .role = ROLE_ADMIN, .status = 204, .audit = "team.remove_member", .tag = "teams",
	 .doc =
		 "Take a member out of the team\nEvery user has a team: the one that move_to names, else "
		 "a new one.",
	 .errors = refused},
};

const struct feature teams_feature = {.name = "teams",
									  .routes = routes,
									  .nroutes = sizeof routes / sizeof routes[0],
									  .tasks = tasks,
									  .ntasks = 1,
									  .export_user = export_user};

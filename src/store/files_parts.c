/* See files.h: objects that come in parts. */
#include "store/files_inner.h"

struct told {
	struct error *error;
};

/* Paths are checked here, so that no store is asked for what is no file. */
static int check(struct files *f, struct error *error, const char *relative)
{
	struct told t = {error};

	if (!files_elsewhere(f, relative))
		return fail(&t, E_RULE, "This file is in no object store");
	return files_check(error, relative);
}

int64_t files_part_size(const struct files *f)
{
	return f->remote == NULL ? 0 : f->remote->part;
}

const char *files_new_path(struct arena *a, const char *folder, const char *filename)
{
	return arena_printf(a, "%s/%s", folder, files_place_name(a, filename));
}

int files_put_piece(struct files *f, struct error *error, const char *relative,
					const struct files_piece *piece)
{
	TRY(check(f, error, relative));
	return f->remote->put(f->remote->arg, error, relative, piece);
}

int files_parts_begin(struct files *f, struct arena *a, struct error *error, const char *relative,
					  const char **id)
{
	TRY(check(f, error, relative));
	return f->remote->begin(f->remote->arg, a, error, relative, id);
}

int files_parts_put(struct files *f, struct arena *a, struct error *error,
					const struct files_parts *p, int64_t number, const struct files_piece *piece,
					const char **tag)
{
	TRY(check(f, error, p->path));
	return f->remote->put_part(f->remote->arg, a, error, p, number, piece, tag);
}

int files_parts_end(struct files *f, struct error *error, const struct files_parts *p,
					const struct files_part *parts, size_t n, int64_t size)
{
	TRY(check(f, error, p->path));
	return f->remote->end(f->remote->arg, error, p, parts, n, size);
}

int files_parts_abort(struct files *f, struct error *error, const struct files_parts *p)
{
	TRY(check(f, error, p->path));
	return f->remote->abort(f->remote->arg, error, p);
}

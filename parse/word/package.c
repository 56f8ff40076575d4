/*
 * See package.h. libzip reads the directory and inflates; every chunk is counted here, against the
 * member's cap, the total's and the ratio to the packed size, so that neither a bomb nor a
 * directory that understates sizes costs more than the cap.
 */
#include "parse/word/package.h"

#include <string.h>
#include <strings.h>
#include <zip.h>

#include "base/text.h"

enum { RATIO_FREE = 1024 * 1024 };

struct stream {
	struct package *package;
	zip_file_t *file;
	size_t read, packed;
	bool failed;
};

static const char damaged[] = "The file is damaged or is not a Word document.";

static int open_error(struct doc *d, zip_error_t *e)
{
	bool memory = zip_error_code_zip(e) == ZIP_ER_MEMORY;

	zip_error_fini(e);
	if (memory)
		return fail(d, E_TOO_LARGE, "The Word document is too large to be read.");
	return fail(d, E_RULE, "%s", damaged);
}

int package_open(struct doc *d, const unsigned char *data, size_t n, struct package *out)
{
	zip_error_t error;
	zip_source_t *source;
	zip_t *zip;
	zip_int64_t members;

	zip_error_init(&error);
	source = zip_source_buffer_create(data, n, 0, &error);
	if (source == NULL)
		return open_error(d, &error);
	zip = zip_open_from_source(source, ZIP_RDONLY, &error);
	if (zip == NULL) {
		zip_source_free(source);
		return open_error(d, &error);
	}
	zip_error_fini(&error);
	members = zip_get_num_entries(zip, 0);
	if (members <= 0 || members > ZIP_MEMBERS_MAX) {
		zip_discard(zip);
		if (members > 0)
			return fail(d, E_TOO_LARGE, "The Word document has too many parts to be read.");
		return fail(d, E_RULE, "%s", damaged);
	}
	*out = (struct package){.doc = d, .zip = zip};
	return OK;
}

void package_close(struct package *p)
{
	if (p->zip != NULL)
		zip_discard(p->zip);
	p->zip = NULL;
}

static zip_int64_t locate(struct package *p, const char *part)
{
	zip_int64_t at = zip_name_locate(p->zip, part, 0);

	/* Part names are equal but for ASCII case (29500-2, 7.2.3.5). */
	return at >= 0 ? at : zip_name_locate(p->zip, part, ZIP_FL_NOCASE);
}

bool package_has(struct package *p, const char *part)
{
	return locate(p, part) >= 0;
}

bool package_has_folder(struct package *p, const char *prefix)
{
	zip_int64_t n = zip_get_num_entries(p->zip, 0);

	for (zip_int64_t i = 0; i < n; i++) {
		const char *name = zip_get_name(p->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);

		if (name != NULL && text_starts(name, prefix))
			return true;
	}
	return false;
}

bool package_encrypted(struct package *p, const char *part)
{
	zip_int64_t at = locate(p, part);
	zip_stat_t st;

	return at >= 0 && zip_stat_index(p->zip, (zip_uint64_t)at, 0, &st) == 0 &&
		   (st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE;
}

static bool stream_open(struct package *p, const char *part, struct stream *out)
{
	zip_int64_t at = locate(p, part);
	zip_stat_t st;
	zip_file_t *file;

	if (at < 0 || zip_stat_index(p->zip, (zip_uint64_t)at, 0, &st) != 0)
		return false;
	if ((st.valid & ZIP_STAT_SIZE) && st.size > ZIP_MEMBER_MAX) {
		p->cut = true;
		return false;
	}
	file = zip_fopen_index(p->zip, (zip_uint64_t)at, 0);
	if (file == NULL)
		return false;
	*out = (struct stream){.package = p, .file = file, .packed = (size_t)st.comp_size};
	return true;
}

static int stream_read(void *self, char *into, int n)
{
	struct stream *s = self;
	struct package *p = s->package;
	zip_int64_t got;

	if (s->failed || n <= 0)
		return s->failed ? -1 : 0;
	got = zip_fread(s->file, into, (zip_uint64_t)n);
	if (got < 0) {
		s->failed = true;
		return -1;
	}
	s->read += (size_t)got;
	p->inflated += (size_t)got;
	if (s->read > ZIP_MEMBER_MAX || p->inflated > ZIP_TOTAL_MAX ||
		(s->read > RATIO_FREE && s->read / ZIP_RATIO_MAX > s->packed)) {
		p->cut = true;
		s->failed = true;
		return -1;
	}
	return (int)got;
}

enum xml_result package_read(struct package *p, const char *part, const struct xml_handler *h,
							 void *self)
{
	struct stream s;
	enum xml_result result;

	if (!stream_open(p, part, &s))
		return XML_BROKEN;
	result = xml_read(h, self, stream_read, &s);
	zip_fclose(s.file);
	return s.failed && result == XML_READ ? XML_BROKEN : result;
}

int package_load(struct package *p, const char *part, size_t max, struct slice *out)
{
	struct stream s;
	char chunk[8192];
	struct buf b;
	int got;

	if (!stream_open(p, part, &s))
		return E_NOT_FOUND;
	buf_init(&b, p->doc->arena, max);
	while ((got = stream_read(&s, chunk, sizeof chunk)) > 0)
		if (buf_add(&b, chunk, (size_t)got) != OK)
			break;
	zip_fclose(s.file);
	if (got < 0)
		return E_RULE;
	if (!buf_ok(&b))
		return E_TOO_LARGE;
	*out = (struct slice){buf_str(&b), b.n};
	return OK;
}

enum rels_tag { RELS_RELATIONSHIP };
static const char *const rels_names[] = {"Relationship"};

struct rels_reader {
	struct package *package;
	const char *folder; /* of the part they belong to, with its slash, or "" */
	struct rels rels;
	int cap;
};

static enum rel_type type_of(struct slice type)
{
	static const struct {
		const char *end;
		enum rel_type type;
	} types[] = {
		{"/officeDocument", REL_DOCUMENT}, {"/core-properties", REL_CORE},
		{"/styles", REL_STYLES},           {"/header", REL_HEADER},
		{"/footer", REL_FOOTER},           {"/footnotes", REL_FOOTNOTES},
		{"/endnotes", REL_ENDNOTES},       {"/hyperlink", REL_HYPERLINK},
		{"/aFChunk", REL_CHUNK},           {"/image", REL_IMAGE},
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t n = strlen(types[i].end);

		if (type.n > n && memcmp(type.p + type.n - n, types[i].end, n) == 0)
			return types[i].type;
	}
	return REL_OTHER;
}

/* Makes a part's name of a target, which stands relative to folder: "../a", "./a", "/a", "a". */
static const char *resolve(struct arena *a, const char *folder, const char *target)
{
	const char *full = target[0] == '/' ? target + 1 : arena_printf(a, "%s%s", folder, target);
	char *out = arena_strdup(a, full);
	size_t n = 0;

	for (const char *p = full; *p != '\0';) {
		size_t step = strcspn(p, "/");

		if (step == 2 && memcmp(p, "..", 2) == 0) {
			while (n > 0 && out[--n] != '/')
				;
		} else if (step > 0 && !(step == 1 && *p == '.')) {
			if (n > 0)
				out[n++] = '/';
			memmove(out + n, p, step);
			n += step;
		}
		p += step;
		p += *p == '/';
	}
	out[n] = '\0';
	return out;
}

static void rels_start(void *self, enum xml_ns ns, int tag, const struct xml_attrs *a)
{
	struct rels_reader *r = self;
	struct arena *arena = r->package->doc->arena;
	struct slice type, target, mode;
	struct rel rel = {0};

	if (ns != NS_RELS || tag != RELS_RELATIONSHIP || r->rels.n == RELS_MAX ||
		!xml_attr(a, NS_NONE, "Type", &type) || !xml_attr(a, NS_NONE, "Target", &target))
		return;
	rel.type = type_of(type);
	if (rel.type == REL_OTHER || target.n > LINK_MAX)
		return;
	rel.id = xml_attr_text(a, NS_NONE, "Id", arena);
	rel.target = xml_attr_text(a, NS_NONE, "Target", arena);
	rel.external = xml_attr(a, NS_NONE, "TargetMode", &mode) && slice_is(mode, "External");
	if (!rel.external)
		rel.target = resolve(arena, r->folder, rel.target);
	if (r->rels.n == r->cap) {
		int cap = r->cap == 0 ? 32 : r->cap * 2;
		struct rel *list = ARENA_ARRAY(arena, (size_t)cap, struct rel);

		if (r->rels.n > 0)
			memcpy(list, r->rels.list, (size_t)r->rels.n * sizeof *list);
		r->rels.list = list;
		r->cap = cap;
	}
	r->rels.list[r->rels.n++] = rel;
}

static void rels_end(void *self, enum xml_ns ns, int tag)
{
	(void)self, (void)ns, (void)tag;
}

static void rels_text(void *self, const char *p, size_t n)
{
	(void)self, (void)p, (void)n;
}

struct rels package_rels(struct package *p, const char *part)
{
	static const struct xml_handler handler = {rels_names, 1, rels_start, rels_end, rels_text};
	const char *slash = strrchr(part, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - part) + 1;
	struct rels_reader r = {.package = p, .folder = arena_strndup(p->doc->arena, part, folder)};
	const char *name = arena_printf(p->doc->arena, "%s_rels/%s.rels", r.folder, part + folder);

	if (package_has(p, name))
		package_read(p, name, &handler, &r);
	return r.rels;
}

const struct rel *rels_by_id(const struct rels *r, struct slice id)
{
	for (int i = 0; i < r->n; i++)
		if (r->list[i].id != NULL && slice_is(id, r->list[i].id))
			return &r->list[i];
	return NULL;
}

const struct rel *rels_by_type(const struct rels *r, enum rel_type type)
{
	for (int i = 0; i < r->n; i++)
		if (r->list[i].type == type)
			return &r->list[i];
	return NULL;
}

/* See s3_inner.h: the store's XML, by libxml2, without entities and without a network. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "core/s3_inner.h"

static void free_doc(xmlDoc **d)
{
	xmlFreeDoc(*d);
}

static xmlDoc *parse(const struct fetch_reply *reply)
{
	if (reply->body == NULL || reply->size == 0 || strstr(reply->body, "<!DOCTYPE") != NULL)
		return NULL;
	return xmlReadMemory(reply->body, (int)reply->size, NULL, NULL,
						 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
							 XML_PARSE_NOCDATA);
}

static bool is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* Text of the child of that name, NULL without one. */
static const char *child(struct arena *a, const xmlNode *parent, const char *name)
{
	for (const xmlNode *at = parent->children; at != NULL; at = at->next) {
		xmlChar *text;
		const char *out;

		if (!is(at, name))
			continue;
		text = xmlNodeGetContent(at);
		out = arena_strdup(a, (const char *)text);
		xmlFree(text);
		return out;
	}
	return NULL;
}

const char *s3_xml_text(struct arena *a, const struct fetch_reply *reply, const char *name)
{
	CLEANUP(free_doc) xmlDoc *doc = parse(reply);
	const xmlNode *root = doc == NULL ? NULL : xmlDocGetRootElement(doc);

	return root == NULL ? NULL : child(a, root, name);
}

static int64_t time_of(const char *text)
{
	int64_t us;

	return text != NULL && clock_parse(text, &us) == OK ? us : INT64_MAX;
}

/* The path below the prefix, NULL if it lies elsewhere. */
static const char *below(const struct s3 *s, const char *key)
{
	return text_starts(key, s->prefix) ? key + strlen(s->prefix) : NULL;
}

static int tell_object(struct s3 *s, struct arena *a, const xmlNode *node,
					   int (*each)(void *arg, const struct files_object *o), void *arg)
{
	const char *key = child(a, node, "Key"), *size = child(a, node, "Size");
	struct files_object o = {.modified = time_of(child(a, node, "LastModified"))};

	o.path = key == NULL ? NULL : below(s, key);
	if (o.path == NULL || size == NULL || text_int(size, &o.size) != OK)
		return OK;
	return each(arg, &o);
}

int s3_xml_objects(struct s3 *s, struct arena *a, struct error *error,
				   const struct fetch_reply *reply,
				   int (*each)(void *arg, const struct files_object *o), void *arg,
				   const char **next)
{
	CLEANUP(free_doc) xmlDoc *doc = parse(reply);
	const xmlNode *root = doc == NULL ? NULL : xmlDocGetRootElement(doc);
	const char *more;

	if (root == NULL || !is(root, "ListBucketResult"))
		return s3_odd(s, error, "answers with something else than a list");
	for (const xmlNode *at = root->children; at != NULL; at = at->next)
		if (is(at, "Contents"))
			TRY(tell_object(s, a, at, each, arg));
	more = child(a, root, "IsTruncated");
	*next = text_ieq(more, "true") ? child(a, root, "NextContinuationToken") : NULL;
	if (text_ieq(more, "true") && text_is_blank(*next))
		return s3_odd(s, error, "cuts a list without saying how it goes on");
	return OK;
}

static int tell_upload(struct s3 *s, struct arena *a, const xmlNode *node,
					   int (*each)(void *arg, const char *key, const char *id, int64_t begun),
					   void *arg)
{
	const char *key = child(a, node, "Key"), *id = child(a, node, "UploadId");

	if (key == NULL || id == NULL || below(s, key) == NULL)
		return OK;
	return each(arg, below(s, key), id, time_of(child(a, node, "Initiated")));
}

int s3_xml_uploads(struct s3 *s, struct arena *a, struct error *error,
				   const struct fetch_reply *reply,
				   int (*each)(void *arg, const char *key, const char *id, int64_t begun),
				   void *arg, const char **key, const char **id)
{
	CLEANUP(free_doc) xmlDoc *doc = parse(reply);
	const xmlNode *root = doc == NULL ? NULL : xmlDocGetRootElement(doc);
	bool more;

	if (root == NULL || !is(root, "ListMultipartUploadsResult"))
		return s3_odd(s, error, "answers with something else than a list");
	for (const xmlNode *at = root->children; at != NULL; at = at->next)
		if (is(at, "Upload"))
			TRY(tell_upload(s, a, at, each, arg));
	more = text_ieq(child(a, root, "IsTruncated"), "true");
	*key = more ? child(a, root, "NextKeyMarker") : NULL;
	*id = more ? child(a, root, "NextUploadIdMarker") : NULL;
	if (more && (text_is_blank(*key) || text_is_blank(*id)))
		return s3_odd(s, error, "cuts a list without saying how it goes on");
	return OK;
}

/*
 * See jbig2_read.h. jbig2dec gets no more memory than a picture can need, whatever a file claims.
 */
#include "parse/ocr/jbig2_read.h"

#include <stdlib.h>
#include <string.h>

#include "parse/pdf/image.h"

/* This header makes "inline" mean nothing, so it comes last. */
#include <jbig2.h>
#undef inline

enum {
	MEMORY_MAX = 48 * 1024 * 1024, /* a picture of IMAGE_SAMPLES_MAX and its symbols */
	HEADER = 16,                   /* keeps what follows aligned */
};

/* jbig2dec's memory: counted, so that what a file claims costs no more than the cap. */
struct memory {
	Jbig2Allocator calls; /* the first member: the library hands back its address */
	size_t left;
};

static void *count_resize(Jbig2Allocator *calls, void *p, size_t size)
{
	struct memory *m = (struct memory *)calls;
	size_t *old = p == NULL ? NULL : (size_t *)((char *)p - HEADER), had = old ? *old : 0;
	char *fresh;

	if (size > MEMORY_MAX || size + HEADER > m->left + had)
		return NULL;
	fresh = realloc(old, size + HEADER);
	if (fresh == NULL)
		return NULL;
	m->left = m->left + had - size - HEADER;
	*(size_t *)fresh = size + HEADER;
	return fresh + HEADER;
}

static void *count_alloc(Jbig2Allocator *calls, size_t size)
{
	return count_resize(calls, NULL, size);
}

static void count_free(Jbig2Allocator *calls, void *p)
{
	struct memory *m = (struct memory *)calls;
	size_t *head = p == NULL ? NULL : (size_t *)((char *)p - HEADER);

	if (head == NULL)
		return;
	m->left += *head;
	free(head);
}

/* What is damaged shows in that no page comes out. */
static void ignore(void *arg, const char *message, Jbig2Severity severity, uint32_t segment)
{
	(void)arg, (void)message, (void)severity, (void)segment;
}

static Jbig2Ctx *new_context(struct memory *m, Jbig2GlobalCtx *globals)
{
	return jbig2_ctx_new(&m->calls, JBIG2_OPTIONS_EMBEDDED, globals, ignore, NULL);
}

/* Black is 1, as Leptonica has it. NULL if there is none or it is too large. */
static PIX *picture_pix(const Jbig2Image *image)
{
	PIX *pix;
	size_t stride, n;

	if (image == NULL || image->width < 1 || image->height < 1 || image->width > IMAGE_SIDE_MAX ||
		image->height > IMAGE_SIDE_MAX)
		return NULL;
	pix = pixCreate((l_int32)image->width, (l_int32)image->height, 1);
	if (pix == NULL)
		return NULL;
	stride = (size_t)pixGetWpl(pix) * 4;
	n = image->stride < stride ? image->stride : stride;
	for (size_t y = 0; y < image->height; y++)
		memcpy((char *)pixGetData(pix) + y * stride, image->data + y * image->stride, n);
	pixEndianByteSwap(pix);
	return pix;
}

/* The page that the segments make, as far as they are sound. */
static PIX *read_page(Jbig2Ctx *ctx, const struct bytes *data)
{
	Jbig2Image *image;
	PIX *pix;

	jbig2_data_in(ctx, data->p, data->n);
	jbig2_complete_page(ctx);
	image = jbig2_page_out(ctx);
	pix = picture_pix(image);
	if (image != NULL)
		jbig2_release_page(ctx, image);
	return pix;
}

PIX *jbig2_read(const struct bytes *data, const struct bytes *globals)
{
	struct memory memory = {{count_alloc, count_free, count_resize}, MEMORY_MAX};
	Jbig2Ctx *ctx = new_context(&memory, NULL);
	Jbig2GlobalCtx *shared = NULL;
	PIX *pix = NULL;

	if (ctx != NULL && globals->n > 0) {
		jbig2_data_in(ctx, globals->p, globals->n);
		shared = jbig2_make_global_ctx(ctx);
		ctx = new_context(&memory, shared);
	}
	if (ctx != NULL) {
		pix = read_page(ctx, data);
		jbig2_ctx_free(ctx);
	}
	if (shared != NULL)
		jbig2_global_ctx_free(shared);
	return pix;
}

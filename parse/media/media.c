/*
 * See media.h. The container is read through callbacks on the descriptor, so that a file of any
 * size costs the libraries' own buffers only. Length and size come from the container; where that
 * tells none, from the first packets. The poster is the first picture that can be decoded a little
 * after the beginning, which is often black. No thread is made (the jail has none), and formats and
 * codecs that would open something else are not asked for.
 */
#include "parse/media/media.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
#include <nettle/base64.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

enum { IO_BUFFER = 32 * 1024, PROBE = 4 * 1024 * 1024, PACKETS_MAX = 2000, SIDE_MAX = 8192 };
#define POSTER_AT (AV_TIME_BASE / 2)

/* Containers that the eight file names stand for; nothing that refers to other files. */
static const char formats[] = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv";

struct source {
	int fd;
	int64_t at, size;
};

static int read_source(void *opaque, uint8_t *out, int n)
{
	struct source *s = opaque;
	ssize_t got = pread(s->fd, out, (size_t)n, (off_t)s->at);

	if (got <= 0)
		return got == 0 ? AVERROR_EOF : AVERROR(EIO);
	s->at += got;
	return (int)got;
}

static int64_t seek_source(void *opaque, int64_t to, int whence)
{
	struct source *s = opaque;

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE: return s->size;
	case SEEK_SET: break;
	case SEEK_CUR: to += s->at; break;
	case SEEK_END: to += s->size; break;
	default: return AVERROR(EINVAL);
	}
	if (to < 0)
		return AVERROR(EINVAL);
	s->at = to;
	return to;
}

/* All that is open for one file. */
struct film {
	struct source source;
	AVIOContext *io;
	AVFormatContext *format;
	AVStream *stream;
	AVCodecContext *decoder, *encoder;
	AVPacket *packet;
	AVFrame *frame, *scaled;
	struct SwsContext *scaler;
};

static void film_done(struct film *f)
{
	sws_freeContext(f->scaler);
	av_frame_free(&f->scaled);
	av_frame_free(&f->frame);
	av_packet_free(&f->packet);
	avcodec_free_context(&f->encoder);
	avcodec_free_context(&f->decoder);
	avformat_close_input(&f->format);
	if (f->io != NULL)
		av_freep(&f->io->buffer);
	avio_context_free(&f->io);
}

static bool open_film(struct film *f, int fd)
{
	unsigned char *buffer = av_malloc(IO_BUFFER);
	AVDictionary *options = NULL;
	int rc;

	f->source.fd = fd;
	f->source.size = lseek(fd, 0, SEEK_END);
	f->io = avio_alloc_context(buffer, IO_BUFFER, 0, &f->source, read_source, NULL, seek_source);
	f->format = avformat_alloc_context();
	if (f->io == NULL || f->format == NULL || f->source.size <= 0)
		return false;
	f->format->pb = f->io;
	f->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	f->format->probesize = PROBE;
	f->format->max_analyze_duration = 5 * AV_TIME_BASE;
	av_dict_set(&options, "format_whitelist", formats, 0);
	av_dict_set(&options, "protocol_whitelist", "", 0);
	av_dict_set(&options, "threads", "1", 0);
	rc = avformat_open_input(&f->format, "", NULL, &options); /* frees format on failure */
	av_dict_free(&options);
	return rc >= 0;
}

static AVStream *video_stream(AVFormatContext *format)
{
	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *s = format->streams[i];

		if (s->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
			(s->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0)
			return s;
	}
	return NULL;
}

static int64_t duration_us(const struct film *f)
{
	const AVStream *s = f->stream;

	if (f->format->duration > 0)
		return f->format->duration;
	if (s->duration > 0)
		return av_rescale_q(s->duration, s->time_base, AV_TIME_BASE_Q);
	return -1;
}

/* What browsers record says no length: the last packet's time is as good. */
static int64_t duration_by_packets(struct film *f)
{
	int64_t last = -1;

	if (avformat_seek_file(f->format, -1, INT64_MIN, INT64_MAX - 1, INT64_MAX - 1, 0) < 0)
		return -1;
	for (int n = 0; n < PACKETS_MAX && av_read_frame(f->format, f->packet) >= 0; n++) {
		const AVStream *s = f->format->streams[f->packet->stream_index];
		int64_t end = f->packet->pts;

		if (end != AV_NOPTS_VALUE) {
			end = av_rescale_q(end + f->packet->duration, s->time_base, AV_TIME_BASE_Q);
			last = end > last ? end : last;
		}
		av_packet_unref(f->packet);
	}
	return last;
}

static struct opt_int some(int64_t v)
{
	return (struct opt_int){.set = true, .v = v};
}

static void measure(struct film *f, struct media_reply *reply)
{
	const AVCodecParameters *p = f->stream->codecpar;
	int64_t us = duration_us(f);

	if (p->width > 0 && p->height > 0 && p->width <= SIDE_MAX * 4 && p->height <= SIDE_MAX * 4) {
		reply->width = some(p->width);
		reply->height = some(p->height);
	}
	if (us < 0)
		us = duration_by_packets(f);
	if (us >= 0)
		reply->duration_ms = some(us / 1000);
}

/* ---- the poster ---- */

static bool open_decoder(struct film *f)
{
	const AVCodec *codec = avcodec_find_decoder(f->stream->codecpar->codec_id);

	if (codec == NULL)
		return false;
	f->decoder = avcodec_alloc_context3(codec);
	if (f->decoder == NULL || avcodec_parameters_to_context(f->decoder, f->stream->codecpar) < 0)
		return false;
	f->decoder->thread_count = 1;
	f->decoder->max_pixels = (int64_t)SIDE_MAX * SIDE_MAX;
	return avcodec_open2(f->decoder, codec, NULL) >= 0;
}

static bool decode_one(struct film *f)
{
	int64_t us = duration_us(f), at = us > 4 * POSTER_AT ? POSTER_AT : 0;

	if (av_seek_frame(f->format, -1, at, AVSEEK_FLAG_BACKWARD) < 0 && at > 0)
		return false;
	for (int n = 0; n < PACKETS_MAX && av_read_frame(f->format, f->packet) >= 0; n++) {
		bool ours = f->packet->stream_index == f->stream->index;
		int rc = ours ? avcodec_send_packet(f->decoder, f->packet) : 0;

		av_packet_unref(f->packet);
		if (ours && rc >= 0 && avcodec_receive_frame(f->decoder, f->frame) >= 0)
			return true;
	}
	avcodec_send_packet(f->decoder, NULL);
	return avcodec_receive_frame(f->decoder, f->frame) >= 0;
}

static bool scale(struct film *f)
{
	int w = f->frame->width, h = f->frame->height;

	if (w < 2 || h < 2 || w > SIDE_MAX || h > SIDE_MAX)
		return false;
	if (w > MEDIA_POSTER_WIDTH) {
		h = (int)((int64_t)h * MEDIA_POSTER_WIDTH / w);
		w = MEDIA_POSTER_WIDTH;
	}
	h = h < 2 ? 2 : h;
	f->scaled = av_frame_alloc();
	f->scaler =
		sws_getContext(f->frame->width, f->frame->height, (enum AVPixelFormat)f->frame->format, w,
					   h, AV_PIX_FMT_YUVJ420P, SWS_BICUBIC, NULL, NULL, NULL);
	if (f->scaled == NULL || f->scaler == NULL)
		return false;
	f->scaled->width = w;
	f->scaled->height = h;
	f->scaled->format = AV_PIX_FMT_YUVJ420P;
	return av_frame_get_buffer(f->scaled, 0) >= 0 &&
		   sws_scale(f->scaler, (const uint8_t *const *)f->frame->data, f->frame->linesize, 0,
					 f->frame->height, f->scaled->data, f->scaled->linesize) > 0;
}

static bool encode(struct film *f)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);

	f->encoder = codec == NULL ? NULL : avcodec_alloc_context3(codec);
	if (f->encoder == NULL)
		return false;
	f->encoder->width = f->scaled->width;
	f->encoder->height = f->scaled->height;
	f->encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
	f->encoder->time_base = (AVRational){1, 25};
	f->encoder->thread_count = 1;
	f->encoder->flags |= AV_CODEC_FLAG_QSCALE;
	f->encoder->global_quality = 4 * FF_QP2LAMBDA;
	f->scaled->quality = f->encoder->global_quality;
	f->scaled->pts = 0;
	return avcodec_open2(f->encoder, codec, NULL) >= 0 &&
		   avcodec_send_frame(f->encoder, f->scaled) >= 0 &&
		   avcodec_receive_packet(f->encoder, f->packet) >= 0;
}

static const char *poster(struct arena *a, struct film *f)
{
	size_t n;
	char *text;

	if (!open_decoder(f) || !decode_one(f) || !scale(f) || !encode(f) ||
		f->packet->size > MEDIA_POSTER_MAX)
		return NULL;
	n = (size_t)f->packet->size;
	text = arena_alloc(a, BASE64_ENCODE_RAW_LENGTH(n) + 1);
	base64_encode_raw(text, n, f->packet->data);
	return text;
}

void media_warm_up(void)
{
	av_log_set_level(AV_LOG_QUIET);
	avcodec_find_decoder(AV_CODEC_ID_H264);
}

void media_read(struct arena *a, int fd, struct media_reply *reply)
{
	CLEANUP(film_done) struct film f = {.packet = av_packet_alloc(), .frame = av_frame_alloc()};

	if (f.packet == NULL || f.frame == NULL || !open_film(&f, fd)) {
		reply->error = "The container of the video cannot be read";
		return;
	}
	/* Some containers tell the pictures' size only in their packets. */
	f.stream = video_stream(f.format);
	if (f.stream == NULL || f.stream->codecpar->width <= 0 || f.format->duration <= 0)
		avformat_find_stream_info(f.format, NULL);
	f.stream = video_stream(f.format);
	if (f.stream == NULL) {
		reply->error = "The file holds no pictures";
		return;
	}
	measure(&f, reply);
	reply->poster = poster(a, &f);
}

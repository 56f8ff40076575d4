/* See db.h: values on their way into a statement. */
#include "store/db.h"

struct param param_int(int64_t v)
{
	return (struct param){.type = PARAM_INT, .i = v};
}

struct param param_bool(bool v)
{
	return param_int(v ? 1 : 0);
}

struct param param_real(double v)
{
	return (struct param){.type = PARAM_REAL, .r = v};
}

struct param param_text(const char *v)
{
	return (struct param){.type = v == NULL ? PARAM_NULL : PARAM_TEXT, .s = v};
}

struct param param_id(int64_t v)
{
	return v == 0 ? P_NULL : param_int(v);
}

struct param param_when(struct when v)
{
	return v.us == 0 ? P_NULL : param_int(v.us);
}

struct param param_json(struct json v)
{
	return param_text(v.text);
}

struct param param_opt_int(struct opt_int v)
{
	return v.set && !v.null ? param_int(v.v) : P_NULL;
}

struct param param_opt_str(struct opt_str v)
{
	return v.set ? param_text(v.v) : P_NULL;
}

/*
 * storage: where the installation's files are, as FILES_URL says: a folder (DATA_DIR, or one that
 * several servers share), or an object store. One for a process.
 *
 * A place that is not DATA_DIR belongs to one installation: it bears its mark, so that no other one
 * sweeps away files that are not in its own database.
 */
#pragma once
#include "core/ctx.h"

struct storage;

/* Makes DATA_DIR where missing, and the shared folder. E_RULE with a sentence for the operator.
 * With an object store nobody is asked yet. */
int storage_open(const struct config *config, struct error *error, struct storage **out);
void storage_close(struct storage *s); /* NULL is allowed */
struct files *storage_files(const struct storage *s);

/* Makes sure that the place is good and this installation's, leaving the mark in a new one. db: its
 * database. E_RULE, for the operator: it is another's, or the store refuses the keys;
 * E_UNAVAILABLE: it cannot be asked just now. */
int storage_claim(struct storage *s, struct db *db, struct error *error);
/* The mark goes along with the rows when a database becomes another one, which is then the
 * installation. */
int storage_carry(struct db *from, struct db *to);
/* Gives up uploads in parts that a crash left unfinished in the store, of before age_us, unless
 * keep(arg, p) knows of them. */
int storage_tidy(struct storage *s, struct error *error, int64_t age_us,
				 bool (*keep)(void *arg, const struct files_parts *p), void *arg);

/* For who ends a transaction that failed with rc: true if it is to run again, because files that it
 * wants in the store are there now. *rc may become the reason why they are not. tries: how often it
 * ran. Not inside a transaction. */
bool storage_again(struct ctx *c, int tries, int *rc);
/* Before objects are looked at that get their row in a later transaction of this request: that one
 * then fails if they may have been removed meanwhile (storage_settled). Not inside a transaction.
 */
int storage_watch(struct ctx *c);
/* For who ends a transaction, before the commit. E_UNAVAILABLE: the files that were put may have
 * been removed by who emptied the store meanwhile (storage_emptied); they must be put again. */
int storage_settled(struct ctx *c);
/* In the transaction of who removes all files of the store that it has listed before: files that
 * are there already but have no row yet are put again under other names. */
int storage_emptied(struct ctx *c);

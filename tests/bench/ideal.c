/* SPDX-License-Identifier: ISC */
/* ideal - the least a signer on libmilter can do: no replies but at end of message, one SHA-256 over the body, one
 * signature over a digest, one header.  What it adds is no valid DKIM signature.  A yardstick for benchmarks:
 *	ideal SOCKET KEY.pem */
#include <libmilter/mfapi.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NO_REPLIES                                                                                 \
	(SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA |           \
	    SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NR_UNKN)
#define NO_STEPS                                                                                   \
	(SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOUNKNOWN |          \
	    SMFIP_NOEOH)
#define SIG_LEN_MAX 512

static EVP_PKEY *key;

struct message {
	EVP_MD_CTX *md;
};

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
    unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
	(void)ctx;
	(void)f0;
	(void)f2;
	(void)f3;
	*pf0 = SMFIF_ADDHDRS;
	*pf1 = f1 & (NO_REPLIES | NO_STEPS);
	*pf2 = *pf3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct message *m = smfi_getpriv(ctx);

	(void)argv;
	if (m == NULL) {
		m = calloc(1, sizeof *m);
		if (m == NULL || (m->md = EVP_MD_CTX_new()) == NULL ||
		    smfi_setpriv(ctx, m) != MI_SUCCESS)
			return SMFIS_TEMPFAIL;
	}
	EVP_DigestInit_ex(m->md, EVP_sha256(), NULL);
	return SMFIS_NOREPLY;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *chunk, size_t len)
{
	struct message *m = smfi_getpriv(ctx);

	EVP_DigestUpdate(m->md, chunk, len);
	return SMFIS_NOREPLY;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct message *m = smfi_getpriv(ctx);
	unsigned char digest[32], sig[SIG_LEN_MAX];
	char value[64 + 2 * SIG_LEN_MAX] = " v=1; b=";
	size_t sig_len = sizeof sig;
	EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new(key, NULL);

	EVP_DigestFinal_ex(m->md, digest, NULL);
	if (sign == NULL || EVP_PKEY_sign_init(sign) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(sign, RSA_PKCS1_PADDING) <= 0 ||
	    EVP_PKEY_CTX_set_signature_md(sign, EVP_sha256()) <= 0 ||
	    EVP_PKEY_sign(sign, sig, &sig_len, digest, sizeof digest) <= 0) {
		EVP_PKEY_CTX_free(sign);
		return SMFIS_TEMPFAIL;
	}
	EVP_PKEY_CTX_free(sign);
	EVP_EncodeBlock((unsigned char *)value + strlen(value), sig, (int)sig_len);
	char name[] = "DKIM-Signature";
	return smfi_insheader(ctx, 0, name, value) == MI_SUCCESS ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct message *m = smfi_getpriv(ctx);

	if (m != NULL)
		EVP_MD_CTX_free(m->md);
	free(m);
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	char name[] = "ideal";
	const struct smfiDesc filter = {.xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS,
	    .xxfi_envfrom = on_mail,
	    .xxfi_header = on_header,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_eom,
	    .xxfi_close = on_close,
	    .xxfi_negotiate = on_negotiate};
	FILE *pem = argc == 3 ? fopen(argv[2], "r") : NULL;

	if (pem == NULL || (key = PEM_read_PrivateKey(pem, NULL, NULL, NULL)) == NULL) {
		fprintf(stderr, "usage: ideal SOCKET RSA-KEY.pem\n");
		return 64;
	}
	fclose(pem);
	umask(0); /* smtpd connects as its own user */
	if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS)
		return 70;
	return smfi_main() == MI_SUCCESS ? 0 : 70;
}

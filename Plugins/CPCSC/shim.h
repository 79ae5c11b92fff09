#ifndef KEYSTORE_CPCSC_SHIM_H
#define KEYSTORE_CPCSC_SHIM_H
#include <winscard.h>
#endif

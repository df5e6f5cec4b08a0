/* Wine 8 has no bcryptprimitives.dll, from which Rust's standard library takes its random numbers.
 * The Wine bed puts this one into the prefix; on Windows it is never used. */
#include <stddef.h>

__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, size_t length)
{
    /* RtlGenRandom, by its exported name, takes a 32-bit length; Rust asks for a few bytes at a time. */
    return SystemFunction036(buffer, (unsigned long)length);
}

// Start-up of the static nacre-runtime without the C library's survey of the processor.
//
// glibc's own __libc_start_main asks the processor for every feature and every cache level before
// main: 68 CPUID instructions on an Intel processor. Each of them leaves a virtual machine, 1 to 10
// microseconds each time: up to 0.6 ms for every execution, where the rest of the start takes 0.08
// ms. All that the answers are good for is the choice of faster string functions, and nothing here
// is long enough for that.
//
// This definition comes before the one in libc.a, so that libc-start.o is not linked at all. It
// does what glibc 2.36 (csu/libc-start.c) does for a static executable that is not position
// independent, in the same order, but leaves out
//   - the survey: the features stay zero, and every IFUNC resolver then takes the baseline (SSE2);
//   - GLIBC_TUNABLES, which nobody should be able to set for a program that root runs;
//   - what only dlopen, iconv and the vDSO need (__libc_init_first).
// CMakeLists.txt uses it only where check.cc has run with it, on exactly that version of glibc.
#include <link.h>

#include <cstdint>
#include <cstdlib>

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming,performance-no-int-to-ptr)

extern "C" {

// ---- from libc.a, hidden but there
extern char** environ;
extern void* __libc_stack_end;
extern std::uintptr_t* _dl_random;  // AT_RANDOM: 16 bytes
void _dl_aux_init(ElfW(auxv_t) * vector);
void __libc_setup_tls();
void __libc_early_init(bool initial);

// ---- from the linker
using Initializer = void (*)(int, char**, char**);
extern const ElfW(Rela) __rela_iplt_start[];
extern const ElfW(Rela) __rela_iplt_end[];
extern const Initializer __preinit_array_start[];
extern const Initializer __preinit_array_end[];
extern const Initializer __init_array_start[];
extern const Initializer __init_array_end[];
void _init();

// ---- what libc-start.o would define: where the string functions change their ways, in bytes
long __x86_data_cache_size = 32L * 1024;
long __x86_data_cache_size_half = 16L * 1024;
long __x86_shared_cache_size = 1024L * 1024;
long __x86_shared_cache_size_half = 512L * 1024;
long __x86_shared_non_temporal_threshold = 768L * 1024;
long __x86_rep_movsb_threshold = 2048;
long __x86_rep_movsb_stop_threshold = 768L * 1024;
long __x86_rep_stosb_threshold = 2048;
int __x86_string_control = 0;

}  // extern "C"

namespace nacre::start {
namespace {

ElfW(auxv_t) * auxiliary_vector(char** environment) {
  while (*environment != nullptr) ++environment;
  return reinterpret_cast<ElfW(auxv_t)*>(environment + 1);
}

// IFUNCs are called through slots that their resolvers fill. Nothing of the C library that has one
// (memcpy, strlen) may be called before.
void resolve_functions() {
  for (const ElfW(Rela)* slot = __rela_iplt_start; slot < __rela_iplt_end; ++slot) {
    const auto resolver = reinterpret_cast<std::uintptr_t (*)()>(slot->r_addend);
    *reinterpret_cast<std::uintptr_t*>(slot->r_offset) = resolver();
  }
}

// The stack protector's canary, whose lowest byte is zero so that no string runs over it, and what
// setjmp and atexit scramble their pointers with: fixed places behind %fs.
void set_guards() {
  const std::uintptr_t canary = _dl_random[0] & ~std::uintptr_t{0xff};
  const std::uintptr_t pointers = _dl_random[1];
  asm volatile("mov %0, %%fs:0x28" : : "r"(canary));
  asm volatile("mov %0, %%fs:0x30" : : "r"(pointers));
}

void run_initializers(const Initializer* from, const Initializer* to, int argc, char** argv) {
  for (; from < to; ++from) (*from)(argc, argv, environ);
}

}  // namespace
}  // namespace nacre::start

extern "C" [[noreturn]] int __libc_start_main(int (*main)(int, char**, char**), int argc,
                                              char** argv, void (*)(), void (*)(), void (*)(),
                                              void* stack_end) {
  using namespace nacre::start;
  environ = argv + argc + 1;
  __libc_stack_end = stack_end;
  _dl_aux_init(auxiliary_vector(environ));
  resolve_functions();
  __libc_setup_tls();
  set_guards();
  __libc_early_init(true);
  run_initializers(__preinit_array_start, __preinit_array_end, argc, argv);
  _init();
  run_initializers(__init_array_start, __init_array_end, argc, argv);
  std::exit(main(argc, argv, environ));
}

// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming,performance-no-int-to-ptr)

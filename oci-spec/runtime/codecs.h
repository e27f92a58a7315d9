// What the codec files of config.json share. Internal to oci-spec/runtime.
#pragma once

#include "oci-spec/json/fields.h"
#include "oci-spec/json/whole.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::json {

template <>
struct Codec<oci::Process> : SharedObject<oci::Process> {};  // codec_process.cc
template <>
struct Codec<oci::Hooks> : SharedObject<oci::Hooks> {};  // codec_hooks.cc
template <>
struct Codec<oci::Mount> : SharedObject<oci::Mount> {};  // codec_mounts.cc
template <>
struct Codec<oci::IdMapping> : SharedObject<oci::IdMapping> {};  // codec_mounts.cc
template <>
struct Codec<oci::Linux> : SharedObject<oci::Linux> {};  // codec_linux.cc
template <>
struct Codec<oci::Resources> : SharedObject<oci::Resources> {};  // codec_resources.cc
template <>
struct Codec<oci::Seccomp> : SharedObject<oci::Seccomp> {};  // codec_seccomp.cc

template <>
std::span<const Field> SharedObject<oci::Process>::fields();
template <>
std::span<const Field> SharedObject<oci::Hooks>::fields();
template <>
std::span<const Field> SharedObject<oci::Mount>::fields();
template <>
std::span<const Field> SharedObject<oci::IdMapping>::fields();
template <>
std::span<const Field> SharedObject<oci::Linux>::fields();
template <>
std::span<const Field> SharedObject<oci::Resources>::fields();
template <>
std::span<const Field> SharedObject<oci::Seccomp>::fields();

}  // namespace nacre::json

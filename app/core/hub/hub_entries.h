// What of a repository's files are models, as a person chooses among them: one entry per model, a
// split one's parts together, and what its file's name says of its type.
//
// Pure; any thread. Names are all that a hub tells before a file's header is read: the type is its
// author's claim.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/api/hub_types.h"

namespace sotto::app {

enum class HubEntryKind : std::uint8_t {
    Model,
    Vision,  // mmproj-*: the eyes of a model, none of its own
    Draft,   // mtp-*, *-draft: the heads or the small helper of another model
    Matrix,  // an importance matrix: statistics for quantizing
};

struct HubEntry {
    HubEntryKind kind = HubEntryKind::Model;
    std::string name;  // the path in the repository; of a split model the first part's
    std::string type;  // "Q4_K_M", in upper case; empty: the name does not say
    std::vector<net::HubFile> parts;
    std::uint64_t nBytes = 0;  // of all parts
    int nParts = 1;            // as the name says; more than parts.size(): the hub lacks some

    bool isWhole() const { return parts.size() == static_cast<std::size_t>(nParts); }
};

// Every *.gguf (in any case), models first and by size, then the other kinds.
std::vector<HubEntry> hubEntries(std::vector<net::HubFile> files);

// The tensor type or mix that a file name ends in ("Llama-3.2-1B-Instruct-UD-Q4_K_XL.gguf":
// "Q4_K_XL"), or a folder is named by ("Q8_0/model-00001-of-00002.gguf"); empty: none.
std::string typeOfName(std::string_view path);

// "imatrix.dat", "Qwen3-8B.imatrix.gguf", "Qwen_Qwen3-8B-imatrix.gguf",
// "imatrix_unsloth.gguf_file": importance matrices, as those who publish quantized models call
// them. Not a model that was quantized with one ("Qwen3-8B-Q4_K_M-imatrix.gguf"), nor the text that
// it was measured on.
bool isImportancePath(std::string_view path);

// NotFound: of a model that is not whole on the hub.
Error missingParts(std::string_view repository, const HubEntry& entry);

// The model that `wanted` means: a path, a file's name or a type, in any case; empty means the only
// one there is. Errors: NotFound (the repository's models are listed), InvalidArgument (several
// would do, they are listed).
Result<HubEntry> chooseEntry(const std::vector<HubEntry>& entries, std::string_view wanted,
                             std::string_view repository);

}  // namespace sotto::app

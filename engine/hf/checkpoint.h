// Checkpoint: the weights of a model's folder as Hugging Face's tools leave them: one
// model.safetensors, or several by model.safetensors.index.json.
//
// Flow: hf_model opens one; stored_matrix finds its tensors in it. Owns the mappings; what it gives
// out lives as long as it does. Immutable; any thread.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "engine/hf/safetensors.h"

namespace sotto {

class Checkpoint {
public:
    // Errors: FileNotFound (no weights, or a part that is missing, named), FileUnreadable,
    // FileDamaged, Unsupported (weights in another form).
    static Result<Checkpoint> open(const std::filesystem::path& folder);

    std::span<const StoredTensor> tensors() const { return m_tensors; }  // sorted by name
    const StoredTensor* find(std::string_view name) const;               // null when absent
    // What was read, in order: the index where there is one, then the parts.
    const std::vector<std::filesystem::path>& files() const { return m_files; }

    // Whether all that was read is what the files hold. Errors: FileUnreadable, FileDamaged.
    Status check() const;

private:
    Checkpoint() = default;
    Status addPart(const std::filesystem::path& path);
    Status sortByName();

    std::vector<std::filesystem::path> m_files;
    std::vector<std::filesystem::path> m_parts;  // of m_mappings
    std::vector<MappedFile> m_mappings;
    std::vector<StoredTensor> m_tensors;
};

// Absolute and without a slash behind it: the name is its last part.
std::filesystem::path wholeFolder(const std::filesystem::path& folder);

// As a folder is called, also where it is given as "." or with a slash behind it.
std::string folderName(const std::filesystem::path& folder);

}  // namespace sotto

// What other programs write beside their model files, read without changing anything: their
// settings, Ollama's manifests and Jan's model.yml. Any thread; what cannot be read counts as not
// there.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sotto::app {

// A model file by the name that its program shows.
struct NamedModel {
    std::string name;
    std::filesystem::path path;  // of a file that is there
};

// Whether `folder` is laid out as Ollama does it: manifests/ beside blobs/.
bool isOllamaFolder(const std::filesystem::path& folder);

// The models of such a folder, sorted by name: "llama3.2:3b", "someone/model:tag",
// "hf.co/owner/model:Q4_K_M". Names and digests that would lead out of blobs/ are left out.
std::vector<NamedModel> ollamaModels(const std::filesystem::path& folder,
                                     const std::function<bool()>& isCancelled = {});

// The model that a model.yml of Jan names: the file beside it, or one elsewhere by its whole path.
std::optional<NamedModel> janModel(const std::filesystem::path& modelYml);

}  // namespace sotto::app

#include "app/core/foreign_models.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "base/text_file.h"

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

constexpr int kManifestDepth = 6;  // host/namespace/model/tag, and hosts that nest further
constexpr std::string_view kModelLayer = "application/vnd.ollama.image.model";
constexpr std::string_view kUsualHost = "registry.ollama.ai";
constexpr std::string_view kUsualOwner = "library";

// The file of a digest ("sha256:…64 digits…"), nothing where it is no digest or not there.
std::optional<fs::path> blobOf(const fs::path& folder, const std::string& digest) {
    constexpr std::string_view kKind = "sha256";
    constexpr std::size_t kDigits = 64;
    if (digest.size() != kKind.size() + 1 + kDigits || !digest.starts_with(kKind)) return {};
    const std::string digits = digest.substr(kKind.size() + 1);
    if (digits.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
    for (const char* separator : {"-", ":"}) {  // the colon is from its first versions
        const fs::path path = folder / "blobs" / (std::string(kKind) + separator + digits);
        std::error_code error;
        if (fs::is_regular_file(path, error) && !error) return path;
    }
    return std::nullopt;
}

std::string modelDigest(const std::string& manifest) {
    const nlohmann::json root = nlohmann::json::parse(manifest, nullptr, false);
    if (!root.is_object() || !root.contains("layers") || !root["layers"].is_array()) return {};
    for (const nlohmann::json& layer : root["layers"]) {
        if (!layer.is_object()) continue;
        const auto kind = layer.find("mediaType");
        const auto digest = layer.find("digest");
        if (kind == layer.end() || digest == layer.end() || !digest->is_string()) continue;
        if (*kind == kModelLayer) return digest->get<std::string>();
    }
    return {};
}

// host/owner/model/tag as the program shows it.
std::string shownName(const fs::path& belowManifests) {
    std::vector<std::string> parts;
    for (const fs::path& part : belowManifests) parts.push_back(part.string());
    if (parts.size() < 2) return {};
    const std::string tag = parts.back();
    parts.pop_back();
    if (parts.front() == kUsualHost) {
        parts.erase(parts.begin());
        if (!parts.empty() && parts.front() == kUsualOwner) parts.erase(parts.begin());
    }
    std::string name;
    for (const std::string& part : parts) name += (name.empty() ? "" : "/") + part;
    return name.empty() ? name : name + ":" + tag;
}

// The value of a top-level key of plain YAML, without quotes; empty when there is none.
std::string yamlValue(std::string_view text, std::string_view key) {
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        std::string_view line = text.substr(start, end - start);
        start = end + 1;
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':')
            continue;
        line.remove_prefix(key.size() + 1);
        constexpr std::string_view kAround = " \t\r\"'";
        const std::size_t first = line.find_first_not_of(kAround);
        if (first == std::string_view::npos) return {};
        return std::string(line.substr(first, line.find_last_not_of(kAround) + 1 - first));
    }
    return {};
}

}  // namespace

bool isOllamaFolder(const fs::path& folder) {
    std::error_code error;
    return fs::is_directory(folder / "manifests", error) &&
           fs::is_directory(folder / "blobs", error);
}

std::vector<NamedModel> ollamaModels(const fs::path& folder,
                                     const std::function<bool()>& isCancelled) {
    std::vector<NamedModel> models;
    const fs::path manifests = folder / "manifests";
    std::error_code error;
    fs::recursive_directory_iterator entry(manifests, fs::directory_options::skip_permission_denied,
                                           error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (isCancelled && isCancelled()) break;
        if (entry.depth() >= kManifestDepth) entry.disable_recursion_pending();
        const std::optional<std::string> manifest = readTextFile(entry->path());
        if (!manifest) continue;
        const std::optional<fs::path> blob = blobOf(folder, modelDigest(*manifest));
        const std::string name = shownName(entry->path().lexically_relative(manifests));
        if (blob && !name.empty()) models.push_back({name, *blob});
    }
    std::sort(models.begin(), models.end(),
              [](const NamedModel& a, const NamedModel& b) { return a.name < b.name; });
    return models;
}

std::optional<NamedModel> janModel(const fs::path& modelYml) {
    const std::optional<std::string> text = readTextFile(modelYml);
    if (!text) return std::nullopt;
    const fs::path named = yamlValue(*text, "model_path");
    if (named.empty()) return std::nullopt;
    NamedModel model;
    // A path that is not whole counts from Jan's folder of data, and the file lies here.
    model.path = named.is_absolute() ? named : modelYml.parent_path() / named.filename();
    model.name = yamlValue(*text, "name");
    std::error_code error;
    if (!fs::is_regular_file(model.path, error) || error) return std::nullopt;
    return model;
}

}  // namespace sotto::app

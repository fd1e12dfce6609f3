#include "net/hub/hub_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/download/file_path.h"
#include "net/hub/repository_name.h"

namespace sotto::net {
namespace {

using Json = nlohmann::json;

const Json* memberOf(const Json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

std::string textOf(const Json& object, const char* name) {
    const Json* member = memberOf(object, name);
    return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

std::uint64_t countOf(const Json& object, const char* name) {
    const Json* member = memberOf(object, name);
    return member != nullptr && member->is_number_unsigned() ? member->get<std::uint64_t>() : 0;
}

// A text or a list of texts.
std::vector<std::string> textsOf(const Json& object, const char* name) {
    const Json* member = memberOf(object, name);
    std::vector<std::string> texts;
    if (member == nullptr) return texts;
    if (member->is_string()) texts.push_back(member->get<std::string>());
    if (member->is_array())
        for (const Json& entry : *member)
            if (entry.is_string()) texts.push_back(entry.get<std::string>());
    return texts;
}

HubGate gateOf(const Json& model) {
    const std::string gate = textOf(model, "gated");
    if (gate == "auto") return HubGate::Auto;
    if (gate == "manual") return HubGate::Manual;
    // Older hubs and mirrors say only that there is one.
    const Json* member = memberOf(model, "gated");
    const bool isGated = member != nullptr && member->is_boolean() && member->get<bool>();
    return isGated ? HubGate::Manual : HubGate::Open;
}

// Of the first tag that begins so, what follows.
std::string tagBehind(const std::vector<std::string>& tags, std::string_view prefix) {
    for (const std::string& tag : tags)
        if (tag.starts_with(prefix)) return tag.substr(prefix.size());
    return {};
}

std::string licenseOf(const Json* card, const std::vector<std::string>& tags) {
    if (card != nullptr) {
        const std::vector<std::string> names = textsOf(*card, "license");
        const std::string name = names.empty() ? std::string() : names.front();
        const std::string own = textOf(*card, "license_name");
        if (name == "other" && !own.empty()) return own;
        if (!name.empty()) return name;
    }
    return tagBehind(tags, "license:");
}

HubModel modelOf(const Json& entry) {
    HubModel model;
    model.repository = textOf(entry, "id");
    if (model.repository.empty()) model.repository = textOf(entry, "modelId");
    model.author = textOf(entry, "author");
    if (model.author.empty()) model.author = model.repository.substr(0, model.repository.find('/'));
    model.commit = textOf(entry, "sha");
    model.pipelineTag = textOf(entry, "pipeline_tag");
    model.createdAt = textOf(entry, "createdAt");
    model.lastModified = textOf(entry, "lastModified");
    model.tags = textsOf(entry, "tags");
    const Json* card = memberOf(entry, "cardData");
    model.license = licenseOf(card, model.tags);
    if (card != nullptr) model.baseModels = textsOf(*card, "base_model");
    if (model.baseModels.empty())
        if (std::string base = tagBehind(model.tags, "base_model:quantized:"); !base.empty())
            model.baseModels.push_back(std::move(base));
    model.nDownloads = countOf(entry, "downloads");
    model.nLikes = countOf(entry, "likes");
    if (const Json* score = memberOf(entry, "trendingScore"); score && score->is_number())
        model.trendingScore = score->get<double>();
    model.gate = gateOf(entry);
    if (const Json* gguf = memberOf(entry, "gguf")) {
        model.nParameters = countOf(*gguf, "total");
        model.contextLength = countOf(*gguf, "context_length");
        model.architecture = textOf(*gguf, "architecture");
    }
    if (const Json* siblings = memberOf(entry, "siblings"); siblings && siblings->is_array())
        for (const Json& sibling : *siblings)
            if (std::string path = textOf(sibling, "rfilename"); checkFilePath(path))
                model.files.push_back(std::move(path));
    return model;
}

}  // namespace

bool isHex(std::string_view text, std::size_t nDigits) {
    return text.size() == nDigits && std::all_of(text.begin(), text.end(), [](char character) {
               return (character >= '0' && character <= '9') ||
                      (character >= 'a' && character <= 'f');
           });
}

std::optional<std::vector<HubModel>> parseModels(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_array()) return std::nullopt;
    std::vector<HubModel> models;
    for (const Json& entry : json) {
        HubModel model = modelOf(entry);
        if (checkRepository(model.repository)) models.push_back(std::move(model));
    }
    return models;
}

std::optional<std::vector<HubFile>> parseTree(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_array()) return std::nullopt;
    std::vector<HubFile> files;
    for (const Json& entry : json) {
        if (textOf(entry, "type") != "file") continue;
        HubFile file{.path = textOf(entry, "path"), .nBytes = countOf(entry, "size")};
        if (!checkFilePath(file.path)) continue;
        if (const Json* lfs = memberOf(entry, "lfs"); lfs && lfs->is_object()) {
            file.sha256 = textOf(*lfs, "oid");
            if (const std::uint64_t nBytes = countOf(*lfs, "size"); nBytes > 0)
                file.nBytes = nBytes;
        } else {
            file.blobSha1 = textOf(entry, "oid");
        }
        if (!isHex(file.sha256, 64)) file.sha256.clear();
        if (!isHex(file.blobSha1, 40)) file.blobSha1.clear();
        files.push_back(std::move(file));
    }
    return files;
}

}  // namespace sotto::net

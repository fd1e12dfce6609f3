#include "engine/hf/hf_vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/mapped_file.h"
#include "base/text_file.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/hf/checkpoint.h"
#include "engine/hf/json_document.h"
#include "engine/hf/tokenizer_json.h"

namespace sotto {
namespace {

namespace fs = std::filesystem;

// What it is padded with up to the embedding's rows: as the field names and scores them.
constexpr float kPaddingScore = -10000.0f;

// The documents of one folder; those that are not there are empty objects.
class Folder {
public:
    Folder(const fs::path& path, std::vector<fs::path>& files) : m_path(path), m_files(files) {}

    bool has(const char* name) const {
        std::error_code error;
        return fs::exists(m_path / name, error);
    }

    Result<HfJson> json(const char* name) {
        if (!has(name)) return HfJson::object();
        SOTTO_ASSIGN(HfJson document, readJsonFile(m_path / name));
        m_files.push_back(m_path / name);
        return document;
    }

    std::optional<std::string> text(const char* name) {
        auto content = readTextFile(m_path / name);
        if (content && !content->empty()) m_files.push_back(m_path / name);
        return content;
    }

    Result<HfVocabulary> sentencepiece(std::int64_t nVocab) {
        const fs::path path = m_path / "tokenizer.model";
        SOTTO_ASSIGN(const MappedFile file, MappedFile::open(path));
        auto vocabulary = parseSentencepiece(file.bytes(), nVocab, "tokenizer.model");
        if (vocabulary) m_files.push_back(path);
        return vocabulary;
    }

    std::string name() const { return folderName(m_path); }

private:
    fs::path m_path;
    std::vector<fs::path>& m_files;
};

// "bos_token": a text, or an object that has it.
std::string tokenText(const HfJson& config, const char* key) {
    if (const auto text = textOf(config, key)) return *text;
    const HfJson* const member = memberOf(config, key);
    return member == nullptr ? std::string() : textOf(*member, "content").value_or("");
}

Status putDecoderTokens(HfVocabulary& vocabulary, const HfJson& tokenizerConfig) {
    const HfJson* const added = memberOf(tokenizerConfig, "added_tokens_decoder");
    if (added == nullptr || !added->is_object()) return {};
    for (const auto& [key, token] : added->items()) {
        std::int64_t id = -1;
        const auto parsed = std::from_chars(key.data(), key.data() + key.size(), id);
        if (parsed.ec != std::errc() || parsed.ptr != key.data() + key.size()) id = -1;
        SOTTO_TRY(putAddedToken(vocabulary, id, token));
    }
    return {};
}

// added_tokens.json of 2023: texts with their numbers.
Status putAddedFile(HfVocabulary& vocabulary, const HfJson& added) {
    for (const auto& [text, id] : added.items())
        SOTTO_TRY(putAddedToken(vocabulary, asInteger(id).value_or(-1), {{"content", text}}));
    return {};
}

void putId(HfVocabulary& vocabulary, const char* name, const HfJson& tokenizerConfig,
           std::int64_t otherwise) {
    const std::string text = tokenText(tokenizerConfig, fmt::format("{}_token", name).c_str());
    const std::string key = std::string(name) == "pad" ? "padding" : name;
    if (!text.empty())
        if (const auto id = vocabulary.find(text)) {
            vocabulary.ids[key] = *id;
            return;
        }
    if (otherwise >= 0 && static_cast<std::uint64_t>(otherwise) < vocabulary.texts.size())
        vocabulary.ids[key] = static_cast<std::uint32_t>(otherwise);
}

// What else ends an answer: generation_config.json, and config.json, may list several.
void putMoreEnds(HfVocabulary& vocabulary, const std::vector<std::int64_t>& listed) {
    for (const std::int64_t id : listed) {
        if (id < 0 || static_cast<std::uint64_t>(id) >= vocabulary.texts.size()) continue;
        const auto token = static_cast<std::uint32_t>(id);
        if (!vocabulary.ids.contains("eos")) vocabulary.ids["eos"] = token;
        if (vocabulary.ids["eos"] == token) continue;
        const bool isMessageEnd = vocabulary.texts[token] == "<|eom_id|>";
        vocabulary.ids.emplace(isMessageEnd ? "eom" : "eot", token);
    }
}

// A text, or a list of named ones of which "default" is the one for chats.
std::string templateIn(const HfJson& json) {
    const HfJson* const source = memberOf(json, "chat_template");
    if (source == nullptr) return {};
    if (source->is_string()) return source->get<std::string>();
    if (!source->is_array()) return {};
    for (const HfJson& one : *source)
        if (textOf(one, "name") == "default") return textOf(one, "template").value_or("");
    return {};
}

Result<HfVocabulary> readTokens(Folder& folder, const HfJson& tokenizer, std::int64_t nVocab) {
    const bool hasJson = !tokenizer.empty();
    // Of the two, sentencepiece's own file has the true scores.
    if (folder.has("tokenizer.model") && !(hasJson && isByteLevelTokenizer(tokenizer))) {
        auto vocabulary = folder.sentencepiece(nVocab);
        if (vocabulary || !hasJson) return vocabulary;
    }
    if (hasJson) return parseTokenizerJson(tokenizer, nVocab);
    return fail(ErrorCode::FileNotFound,
                fmt::format("The folder {} has no tokenizer: put the model's tokenizer.json or "
                            "tokenizer.model there.",
                            folder.name()),
                folder.name());
}

}  // namespace

HfVocabulary HfVocabulary::ofSize(std::int64_t nVocab) {
    HfVocabulary vocabulary;
    const auto nTokens = static_cast<std::size_t>(nVocab);
    vocabulary.texts.resize(nTokens);
    for (std::size_t id = 0; id < nTokens; ++id) vocabulary.texts[id] = fmt::format("[PAD{}]", id);
    vocabulary.scores.assign(nTokens, kPaddingScore);
    vocabulary.types.assign(nTokens, HfTokenType::Unused);
    return vocabulary;
}

Status HfVocabulary::put(std::int64_t id, const std::string& text, float score, HfTokenType type) {
    if (id < 0 || static_cast<std::uint64_t>(id) >= texts.size())
        return damagedFile("the tokenizer",
                           fmt::format("the token '{}' has the number {} and the model has {} "
                                       "('vocab_size' in config.json)",
                                       printableName(text), id, texts.size()));
    const auto index = static_cast<std::size_t>(id);
    texts[index] = text;
    scores[index] = score;
    types[index] = type;
    return {};
}

std::optional<std::uint32_t> HfVocabulary::find(const std::string& text) const {
    const auto found = std::find(texts.begin(), texts.end(), text);
    if (found == texts.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - texts.begin());
}

Result<HfVocabulary> readHfVocabulary(const fs::path& path, const HfConfig& config,
                                      std::vector<fs::path>& files) {
    Folder folder(path, files);
    SOTTO_ASSIGN(const HfJson tokenizer, folder.json("tokenizer.json"));
    SOTTO_ASSIGN(HfVocabulary vocabulary, readTokens(folder, tokenizer, config.nVocab));
    SOTTO_ASSIGN(const HfJson tokenizerConfig, folder.json("tokenizer_config.json"));
    SOTTO_ASSIGN(const HfJson generation, folder.json("generation_config.json"));
    if (tokenizer.empty()) {
        SOTTO_ASSIGN(const HfJson added, folder.json("added_tokens.json"));
        SOTTO_TRY(putAddedFile(vocabulary, added));
    }
    SOTTO_TRY(putDecoderTokens(vocabulary, tokenizerConfig));

    putId(vocabulary, "bos", tokenizerConfig, config.bosToken);
    putId(vocabulary, "eos", tokenizerConfig, -1);
    putId(vocabulary, "pad", tokenizerConfig, config.padToken);
    std::vector<std::int64_t> ends = config.eosTokens;
    for (const std::int64_t id : integersOf(generation, "eos_token_id")) ends.push_back(id);
    putMoreEnds(vocabulary, ends);
    if (vocabulary.model == "llama" && !vocabulary.ids.contains("unknown"))
        if (const auto id = vocabulary.find(tokenText(tokenizerConfig, "unk_token")))
            vocabulary.ids["unknown"] = *id;

    vocabulary.isAddingBos = flagOf(tokenizerConfig, "add_bos_token");
    vocabulary.isAddingEos = flagOf(tokenizerConfig, "add_eos_token");
    if (const auto bos = vocabulary.ids.find("bos");
        bos != vocabulary.ids.end() && !vocabulary.isAddingBos)
        vocabulary.isAddingBos = isPutInFront(tokenizer, vocabulary.texts[bos->second]);
    if (vocabulary.model == "llama" && !vocabulary.isAddingSpacePrefix)
        vocabulary.isAddingSpacePrefix = flagOf(tokenizerConfig, "add_prefix_space");

    if (auto text = folder.text("chat_template.jinja")) vocabulary.chatTemplate = std::move(*text);
    if (vocabulary.chatTemplate.empty()) {
        SOTTO_ASSIGN(const HfJson own, folder.json("chat_template.json"));
        vocabulary.chatTemplate = templateIn(own);
    }
    if (vocabulary.chatTemplate.empty()) vocabulary.chatTemplate = templateIn(tokenizerConfig);
    return vocabulary;
}

void addVocabularyKeys(const HfVocabulary& vocabulary, GgufWriter& writer) {
    writer.addValue("tokenizer.ggml.model", vocabulary.model);
    writer.addValue("tokenizer.ggml.pre", vocabulary.preTokenizer);
    writer.addValue("tokenizer.ggml.tokens", vocabulary.texts);
    if (vocabulary.model == "llama") writer.addValue("tokenizer.ggml.scores", vocabulary.scores);
    std::vector<std::int32_t> types;
    for (const HfTokenType type : vocabulary.types)
        types.push_back(static_cast<std::int32_t>(type));
    writer.addValue("tokenizer.ggml.token_type", types);
    if (!vocabulary.merges.empty()) writer.addValue("tokenizer.ggml.merges", vocabulary.merges);
    for (const auto& [name, id] : vocabulary.ids)
        writer.addValue(fmt::format("tokenizer.ggml.{}_token_id", name), id);
    if (vocabulary.isAddingBos)
        writer.addValue("tokenizer.ggml.add_bos_token", *vocabulary.isAddingBos);
    if (vocabulary.isAddingEos)
        writer.addValue("tokenizer.ggml.add_eos_token", *vocabulary.isAddingEos);
    if (vocabulary.isAddingSpacePrefix)
        writer.addValue("tokenizer.ggml.add_space_prefix", *vocabulary.isAddingSpacePrefix);
    if (!vocabulary.chatTemplate.empty())
        writer.addValue("tokenizer.chat_template", vocabulary.chatTemplate);
}

}  // namespace sotto

#include "tests/support/scripted_gguf.h"

#include <cstring>
#include <span>

#include "tests/support/tiny_gguf.h"

namespace sotto::test {
namespace {

constexpr std::int32_t kVocabulary = 320;

// GPT-2's bytes_to_unicode: printable bytes stand for themselves, the others follow from U+0100.
std::string byteLevel(std::string_view text) {
    std::string written;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        const auto isPrintable = [](unsigned code) {
            return (code >= 33 && code <= 126) || (code >= 161 && code <= 172) || code >= 174;
        };
        unsigned code = byte;
        if (!isPrintable(byte)) {
            code = 256;
            for (unsigned before = 0; before < byte; ++before) code += isPrintable(before) ? 0 : 1;
        }
        if (code < 128) {
            written += static_cast<char>(code);
        } else {
            written += static_cast<char>(0xC0 | (code >> 6));
            written += static_cast<char>(0x80 | (code & 0x3F));
        }
    }
    return written;
}

void addVocabulary(GgufWriter& writer, const ScriptedModel& model) {
    std::vector<std::string> texts;
    std::vector<std::int32_t> types(256, kNormalPiece);
    for (int byte = 0; byte < 256; ++byte)
        texts.push_back(byteLevel(std::string(1, static_cast<char>(byte))));
    const auto add = [&](const std::string& text, std::int32_t type) {
        texts.push_back(type == kNormalPiece ? byteLevel(text) : text);
        types.push_back(type);
    };
    add("<|go|>", kControlPiece);
    add("<|eos|>", kControlPiece);
    for (const ScriptedPiece& piece : model.pieces) add(piece.text, piece.type);
    constexpr std::int32_t kUnusedPiece = 5;
    while (std::ssize(texts) < kVocabulary)
        add("<|unused" + std::to_string(texts.size()) + "|>", kUnusedPiece);
    writer.addValue("tokenizer.ggml.model", std::string("gpt2"));
    writer.addValue("tokenizer.ggml.pre", std::string("llama-bpe"));
    writer.addValue("tokenizer.ggml.tokens", std::move(texts));
    writer.addValue("tokenizer.ggml.token_type", std::move(types));
    writer.addValue("tokenizer.ggml.merges", std::vector<std::string>{"z z"});
    writer.addValue("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(kEosToken));
    writer.addValue("tokenizer.ggml.add_bos_token", false);
}

}  // namespace

Status writeScriptedModel(const ScriptedModel& model, const std::filesystem::path& path) {
    const auto nPieces = static_cast<std::int32_t>(model.pieces.size());
    if (kFirstPiece + nPieces > kVocabulary)
        return fail(ErrorCode::InvalidArgument, "The script is too long.");
    TinyModel tiny;
    tiny.nLayers = 1;
    tiny.nEmbd = tiny.nVocab = kVocabulary;
    tiny.nContext = model.nContext;
    tiny.chatTemplate = model.chatTemplate;
    GgufWriter writer = describeTinyModel(tiny);
    addVocabulary(writer, model);
    for (const auto& [key, value] : model.values) writer.addValue(key, value);

    const auto valueAt = [&](const std::string& tensor, std::int64_t row, std::int64_t col) {
        if (tensor.find("norm") != std::string::npos) return 1.0f;
        if (tensor == "token_embd.weight") return row == col ? 1.0f : 0.0f;
        if (tensor != "output.weight") return 0.0f;
        const std::int64_t last = kFirstPiece + nPieces - 1;
        std::int64_t next = col + 1;
        if (col == kGoToken) next = kFirstPiece;
        if (col == last) next = model.isLooping ? kFirstPiece : kEosToken;
        return (col == kGoToken || col >= kFirstPiece) && row == next ? 1.0f : 0.0f;
    };
    return writer.write(path, [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        const GgufTensorPlan& tensor = writer.tensors()[range.tensorIndex];
        const std::int64_t nCols = tensor.shape.front();
        std::vector<float> values;
        for (std::int64_t row = range.firstRow; row < range.firstRow + range.nRows; ++row)
            for (std::int64_t col = 0; col < nCols; ++col)
                values.push_back(valueAt(tensor.name, row, col));
        std::memcpy(out.data(), values.data(), out.size());
        return {};
    });
}

}  // namespace sotto::test

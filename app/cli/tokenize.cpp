#include <fmt/format.h>

#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "engine/api/tokenizer.h"

namespace sotto::cli {

namespace {

int decode(const Tokenizer& tokenizer, const CommonOptions& common) {
    const auto input = readStdin();
    if (!input) return printError(input.error(), common.isJson);
    const auto ids = parseTokens(*input, "standard input");
    if (!ids) return printError(ids.error(), common.isJson);
    for (const std::int32_t id : *ids) {
        if (id < tokenizer.size()) continue;
        return printError({ErrorCode::InvalidArgument,
                           fmt::format("The token id {} is out of range; this model has {} tokens.",
                                       id, tokenizer.size())},
                          common.isJson);
    }
    const std::string text = tokenizer.decode(*ids, true);
    if (common.isJson) {
        printJson({{"text", text}});
    } else {
        print(text);  // byte for byte: no newline of ours
    }
    return finishOutput();
}

int encode(const Tokenizer& tokenizer, const CommonOptions& common,
           const TokenizeOptions& options) {
    EncodeOptions encoding;
    encoding.isAddingBos = options.isAddingBos;
    encoding.isParsingSpecial = !options.isPlain;
    const auto input = readStdin();
    if (!input) return printError(input.error(), common.isJson);
    const auto ids = tokenizer.encode(*input, encoding);
    if (!ids) return printError(ids.error(), common.isJson);
    if (!common.isJson) {
        print(Json(*ids).dump() + "\n");
        return finishOutput();
    }
    Json pieces = Json::array();
    for (const std::int32_t id : *ids) pieces.push_back(tokenizer.pieceBytes(id, true));
    printJson({{"ids", *ids}, {"pieces", std::move(pieces)}});
    return finishOutput();
}

}  // namespace

int runTokenize(const CommonOptions& common, const TokenizeOptions& options) {
    const auto tokenizer = loadTokenizer(common.model);
    if (!tokenizer) return printError(tokenizer.error(), common.isJson);
    return options.isDecoding ? decode(**tokenizer, common) : encode(**tokenizer, common, options);
}

}  // namespace sotto::cli

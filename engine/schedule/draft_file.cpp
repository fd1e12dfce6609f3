#include "engine/schedule/draft_file.h"

#include "engine/token/vocabulary_match.h"

namespace sotto {
namespace {

Result<Vocabulary> vocabularyOf(const ModelFile& model, const char* whoLacksOne) {
    const GgufMetadata& metadata = model.file.metadata();
    if (!metadata.has("tokenizer.ggml.tokens"))
        return fail(ErrorCode::InvalidArgument, whoLacksOne, model.file.path().string());
    return readVocabulary(metadata);
}

}  // namespace

Result<std::unique_ptr<ModelFile>> openDraftFile(const std::filesystem::path& path,
                                                 const ModelFile& model) {
    SOTTO_ASSIGN(auto draft, openModelFile(path));
    SOTTO_ASSIGN(const Vocabulary ofDraft,
                 vocabularyOf(*draft, "The draft model's file has no vocabulary; choose another."));
    SOTTO_ASSIGN(const Vocabulary ofModel,
                 vocabularyOf(model,
                              "The model's file has no vocabulary, so none can be compared "
                              "with it; do without a draft model."));
    if (const auto mismatch = vocabularyMismatch(ofModel, ofDraft))
        return fail(ErrorCode::InvalidArgument, *mismatch, path.string());
    return draft;
}

}  // namespace sotto

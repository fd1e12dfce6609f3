// The vocabularies of real models from their folders, against the GGUFs of the same models and
// against the ids that the models' own tokenizers give; small wrong ones.
#include "engine/hf/hf_vocabulary.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include "engine/gguf/gguf_reader.h"
#include "engine/token/tokenizer_factory.h"
#include "tests/support/golden_files.h"
#include "tests/support/raw_safetensors.h"
#include "tests/support/shared_data.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

struct RealTokenizer {
    const char* folder;  // of tokenizers/hf
    std::int64_t nVocab;
    const char* gguf;  // of tokenizers/ggml-vocab; null: none of the same model
};

constexpr RealTokenizer kReal[] = {{"qwen2", 151646, "ggml-vocab-qwen2.gguf"},
                                   {"llama3.2", 128256, "ggml-vocab-llama-bpe.gguf"},
                                   {"llama2", 32000, "ggml-vocab-llama-spm.gguf"},
                                   {"phi-3", 32064, nullptr},
                                   {"mistral-v3", 32768, nullptr}};

fs::path sharedTokenizers() { return test::sharedFolder() / "data" / "tokenizers"; }

// A vocabulary as it is read back: keys in a header, parsed.
struct ReadBack {
    std::vector<std::byte> header;
    std::unique_ptr<GgufFile> file;
};

Result<ReadBack> readBack(const HfVocabulary& vocabulary) {
    GgufWriter writer;
    writer.addValue("general.architecture", std::string("llama"));
    addVocabularyKeys(vocabulary, writer);
    ReadBack back;
    SOTTO_ASSIGN(back.header, writer.headerBytes());
    SOTTO_ASSIGN(GgufFile file, GgufFile::parseHeader(back.header, "vocabulary"));
    back.file = std::make_unique<GgufFile>(std::move(file));
    return back;
}

constexpr const char* kSmallTokenizer =
    "{'added_tokens':[{'id':3,'content':'<|end|>','special':false},"
    "{'id':4,'content':'a b','special':false}],'normalizer':null,"
    "'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false},"
    "'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':[['a','b']]}}";

}  // namespace

class HfVocabularyTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    std::vector<fs::path> m_files;
    fs::path at(const char* name) const { return fs::path(m_folder->path().toStdString()) / name; }

    Result<HfVocabulary> read(std::int64_t nVocab = 6) {
        HfConfig config;
        config.nVocab = nVocab;
        m_files.clear();
        return readHfVocabulary(at(""), config, m_files);
    }
    void expectRefusal(ErrorCode code, const char* sentence) {
        const auto vocabulary = read();
        QVERIFY(!vocabulary.has_value());
        QVERIFY2(vocabulary.error().message.find(sentence) != std::string::npos,
                 vocabulary.error().message.c_str());
        QCOMPARE(vocabulary.error().code, code);
    }
    void writeSmall(const char* from = "", const char* to = "") const {
        std::string text = kSmallTokenizer;
        if (*from != 0) text.replace(text.find(from), std::string(from).size(), to);
        QVERIFY(test::writeJson(at("tokenizer.json"), text));
    }

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void realVocabulary_isThatOfItsGguf_data() {
        QTest::addColumn<int>("index");
        for (int index = 0; index < 3; ++index) QTest::newRow(kReal[index].folder) << index;
    }
    void realVocabulary_isThatOfItsGguf() {
        SOTTO_NEEDS_SHARED("data/tokenizers");
        QFETCH(int, index);
        const RealTokenizer& real = kReal[index];
        HfConfig config;
        config.nVocab = real.nVocab;
        const auto vocabulary =
            readHfVocabulary(sharedTokenizers() / "hf" / real.folder, config, m_files);
        QVERIFY2(vocabulary.has_value(), vocabulary ? "" : vocabulary.error().message.c_str());
        const auto back = readBack(*vocabulary);
        QVERIFY(back.has_value());
        const auto gguf = GgufFile::open(sharedTokenizers() / "ggml-vocab" / real.gguf);
        QVERIFY(gguf.has_value());
        int nCompared = 0;
        for (const char* name : {"model", "pre", "tokens", "scores", "token_type", "merges",
                                 "bos_token_id", "eos_token_id", "unknown_token_id"}) {
            const std::string key = std::string("tokenizer.ggml.") + name;
            const GgufValue* const expected = gguf->metadata().find(key);
            const GgufValue* const found = back->file->metadata().find(key);
            // Of Llama 3.2 the folder here is the tokenizer alone, which names no such ids.
            if (expected == nullptr || (found == nullptr && key.ends_with("_id"))) continue;
            QVERIFY2(found != nullptr && *found == *expected, key.c_str());
            ++nCompared;
        }
        QVERIFY(nCompared >= 5);
    }

    void realTokenizer_givesTheIdsOfItsOwn_data() {
        QTest::addColumn<int>("index");
        for (int index = 0; index < 5; ++index) QTest::newRow(kReal[index].folder) << index;
    }
    void realTokenizer_givesTheIdsOfItsOwn() {
        SOTTO_NEEDS_SHARED("data/tokenizers");
        QFETCH(int, index);
        const RealTokenizer& real = kReal[index];
        HfConfig config;
        config.nVocab = real.nVocab;
        const auto vocabulary =
            readHfVocabulary(sharedTokenizers() / "hf" / real.folder, config, m_files);
        QVERIFY2(vocabulary.has_value(), vocabulary ? "" : vocabulary.error().message.c_str());
        const auto back = readBack(*vocabulary);
        QVERIFY(back.has_value());
        const auto tokenizer = makeTokenizer(back->file->metadata());
        QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().message.c_str());
        const std::string goldens = test::readText(sharedTokenizers() / "goldens.jsonl");
        const std::string own = std::string("tokenizers/hf/") + real.folder + "/";
        int nCompared = 0;
        for (const QByteArray& line : QByteArray::fromStdString(goldens).split('\n')) {
            const auto golden = nlohmann::json::parse(line.toStdString(), nullptr, false);
            if (golden.is_discarded()) continue;
            if (!golden["tokenizer"].get<std::string>().starts_with(own)) continue;
            const auto ids = (*tokenizer)->encode(golden["text"].get<std::string>(), {});
            QVERIFY(ids.has_value());
            QVERIFY2(*ids == golden["ids"].get<std::vector<std::int32_t>>(), line.constData());
            ++nCompared;
        }
        QVERIFY2(nCompared > 10, qPrintable(QString::number(nCompared)));
    }

    void smallTokenizer_isRead() {
        writeSmall();
        QVERIFY(test::writeJson(at("tokenizer_config.json"),
                                "{'eos_token':{'content':'<|end|>'},'add_bos_token':false,"
                                "'chat_template':[{'name':'tools','template':'T'},"
                                "{'name':'default','template':'D'}]}"));
        QVERIFY(test::writeJson(at("generation_config.json"), "{'eos_token_id':[2,3]}"));
        const auto vocabulary = read();
        QVERIFY2(vocabulary.has_value(), vocabulary ? "" : vocabulary.error().message.c_str());
        QCOMPARE(vocabulary->model, std::string("gpt2"));
        QCOMPARE(vocabulary->preTokenizer, std::string("gpt-2"));
        QCOMPARE(vocabulary->texts,
                 (std::vector<std::string>{"a", "b", "ab", "<|end|>", "a b", "[PAD5]"}));
        QCOMPARE(vocabulary->types,
                 (std::vector<HfTokenType>{HfTokenType::Normal, HfTokenType::Normal,
                                           HfTokenType::Normal, HfTokenType::Control,
                                           HfTokenType::UserDefined, HfTokenType::Unused}));
        QCOMPARE(vocabulary->merges, (std::vector<std::string>{"a b"}));
        QCOMPARE(vocabulary->ids.at("eos"), 3U);
        QCOMPARE(vocabulary->ids.at("eot"), 2U);
        QCOMPARE(vocabulary->isAddingBos, std::optional(false));
        QCOMPARE(vocabulary->chatTemplate, std::string("D"));
        QCOMPARE(m_files.size(), std::size_t{3});
        // The template's own file counts more.
        QVERIFY(test::writeText(at("chat_template.jinja"), "J"));
        QCOMPARE(read()->chatTemplate, std::string("J"));
    }

    // Whatever becomes of its bytes: either it is told, or the vocabulary is as long as was asked
    // for.
    void damagedSentencepiece_isToldOrWhole() {
        std::string file;
        for (int id = 0; id < 4; ++id)
            file += std::string("\x0a\x08\x0a\x01", 4) + char('a' + id) +
                    std::string("\x15\x00\x00\x80\xbf", 5);
        file += std::string("\x12\x02\x18\x02", 4);
        const auto parse = [](const std::string& bytes) {
            return parseSentencepiece(std::as_bytes(std::span(bytes)), 4, "tokenizer.model");
        };
        const auto whole = parse(file);
        QVERIFY2(whole.has_value(), whole ? "" : whole.error().message.c_str());
        QCOMPARE(whole->texts, (std::vector<std::string>{"a", "b", "c", "d"}));
        QCOMPARE(whole->scores, (std::vector<float>{-1, -1, -1, -1}));
        for (std::size_t place = 0; place < file.size(); ++place) {
            const auto cut = parse(file.substr(0, place));
            QVERIFY(!cut || cut->texts.size() == 4);
            for (const int value : {0, 1, 7, 0x0a, 0x7f, 0x80, 0xff}) {
                std::string damaged = file;
                damaged[place] = static_cast<char>(value);
                const auto vocabulary = parse(damaged);
                QVERIFY(!vocabulary || vocabulary->texts.size() == 4);
            }
        }
    }

    void wrongTokenizers_areTold() {
        expectRefusal(ErrorCode::FileNotFound, "has no tokenizer: put the model's tokenizer.json");
        QVERIFY(test::writeText(at("tokenizer.model"), "no sentencepiece"));
        expectRefusal(ErrorCode::FileDamaged, "tokenizer.model is damaged");
        fs::remove(at("tokenizer.model"));
        writeSmall("'ab':2", "'ab':6");
        expectRefusal(ErrorCode::FileDamaged, "'ab' has the number 6 and the model has 6");
        writeSmall("'id':3", "'id':-3");
        expectRefusal(ErrorCode::FileDamaged, "'<|end|>' has the number -3");
        writeSmall("'BPE'", "'WordPiece'");
        expectRefusal(ErrorCode::Unsupported, "kind 'WordPiece'");
        writeSmall("['a','b']", "['a']");
        expectRefusal(ErrorCode::FileDamaged, "one of its merges is no pair");
        writeSmall("'add_prefix_space':false", "'add_prefix_space':true");
        expectRefusal(ErrorCode::Unsupported, "in a way that this version does not know");
        writeSmall("{'type':'ByteLevel','add_prefix_space':false}", "null");
        expectRefusal(ErrorCode::Unsupported, "knows no bytes");
    }
};

QTEST_APPLESS_MAIN(HfVocabularyTest)
#include "hf_vocabulary_test.moc"

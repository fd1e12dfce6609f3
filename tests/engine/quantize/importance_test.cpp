// Importance matrices: the reference's two files of one measurement mean the same, what is written
// is read again, and what no sum of squares is, is refused by name.
#include "engine/quantize/importance.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/gguf/gguf_reader.h"
#include "tests/support/golden_files.h"

using namespace sotto;

namespace {

const std::filesystem::path kGolden = std::filesystem::path(SOTTO_GOLDEN_DIR) / "quantize";

ImportanceMatrix smallMatrix() {
    ImportanceMatrix matrix;
    matrix.entries["blk.0.attn_q.weight"] = {{1.0f, 2.0f, 6.0f}, {2.0f}};
    // A stack of two experts, of which the second one was never chosen.
    matrix.entries["blk.0.ffn_up_exps.weight"] = {{3.0f, 0.0f, 9.0f, 0.0f, 0.0f, 0.0f},
                                                  {3.0f, 0.0f}};
    matrix.datasets = {"a text", "another"};
    matrix.nChunks = 7;
    matrix.chunkTokens = 128;
    return matrix;
}

}  // namespace

class ImportanceTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path at(const char* name) const {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

private slots:
    void bothForms_meanTheSame() {
        const auto gguf = readImportance(kGolden / "stories260K.imatrix.gguf");
        const auto older = readImportance(kGolden / "stories260K.imatrix.dat");
        QVERIFY2(gguf.has_value(), gguf ? "" : gguf.error().message.c_str());
        QVERIFY2(older.has_value(), older ? "" : older.error().message.c_str());
        QCOMPARE(gguf->entries.size(), std::size_t{35});
        QCOMPARE(older->entries.size(), std::size_t{35});
        QCOMPARE(gguf->nChunks, 8u);
        QCOMPARE(gguf->chunkTokens, 128u);
        QCOMPARE(older->nChunks, 8u);
        QCOMPARE(gguf->datasets, std::vector<std::string>{"calibration.txt"});
        QCOMPARE(older->datasets, gguf->datasets);
        for (const auto& [name, entry] : gguf->entries) {
            const auto nColumns = static_cast<std::int64_t>(entry.sums.size());
            const auto ours = gguf->weightsOf(name, 1, nColumns);
            const auto theirs = older->weightsOf(name, 1, nColumns);
            QVERIFY(ours && theirs && !ours->empty());
            // The older form multiplied and divided once more: three roundings of 2^-24.
            for (std::size_t column = 0; column < ours->size(); ++column)
                QVERIFY(std::fabs((*ours)[column] - (*theirs)[column]) <=
                        4 * 0x1p-24f * (*ours)[column]);
        }
    }

    void written_isReadAgain() {
        const ImportanceMatrix matrix = smallMatrix();
        QVERIFY(writeImportance(matrix, at("own.gguf"), {}).has_value());
        const auto read = readImportance(at("own.gguf"));
        QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
        QCOMPARE(read->datasets, matrix.datasets);
        QCOMPARE(read->nChunks, 7u);
        QCOMPARE(read->chunkTokens, 128u);
        QCOMPARE(read->entries.size(), matrix.entries.size());
        for (const auto& [name, entry] : matrix.entries) {
            QVERIFY(read->entries.at(name).sums == entry.sums);
            QVERIFY(read->entries.at(name).counts == entry.counts);
        }
    }

    // Another tool's file through us is the same file, but for what it pads the end with.
    void form_isThatOfOtherTools() {
        const auto matrix = readImportance(kGolden / "stories260K.imatrix.gguf");
        QVERIFY(matrix && writeImportance(*matrix, at("again.gguf"), {}));
        const auto theirs = GgufFile::open(kGolden / "stories260K.imatrix.gguf");
        const auto ours = GgufFile::open(at("again.gguf"));
        QVERIFY(theirs && ours);
        QCOMPARE(ours->metadata().encoded().size(), theirs->metadata().encoded().size());
        for (const GgufEncodedPair& pair : theirs->metadata().encoded()) {
            const auto& own = ours->metadata().encoded();
            const auto same = std::find_if(own.begin(), own.end(), [&](const auto& candidate) {
                return candidate.key == pair.key;
            });
            QVERIFY2(same != own.end(), std::string(pair.key).c_str());
            QVERIFY(std::ranges::equal(same->value, pair.value));
        }
        QCOMPARE(ours->tensors().size(), theirs->tensors().size());
        for (const GgufTensor& tensor : theirs->tensors()) {
            const GgufTensor* const own = ours->find(tensor.name);
            QVERIFY2(own != nullptr, tensor.name.c_str());
            QVERIFY(own->shape == tensor.shape);
            QVERIFY(std::ranges::equal(own->bytes, tensor.bytes));
        }
    }

    void weights_areMeansAndOnesWhereNothingWasMeasured() {
        const ImportanceMatrix matrix = smallMatrix();
        const auto query = matrix.weightsOf("blk.0.attn_q.weight", 1, 3);
        QVERIFY(query && *query == (std::vector<float>{0.5f, 1.0f, 3.0f}));
        const auto stack = matrix.weightsOf("blk.0.ffn_up_exps.weight", 2, 3);
        QVERIFY(stack && *stack == (std::vector<float>{1.0f, 0.0f, 3.0f, 1.0f, 1.0f, 1.0f}));
        const auto none = matrix.weightsOf("blk.1.attn_q.weight", 1, 3);
        QVERIFY(none && none->empty());
    }

    void sensitivities_areReadAgain() {
        ImportanceMatrix matrix = smallMatrix();
        matrix.sensitivities = {{"blk.0.attn_q.weight", 0.125}, {"odd=name", 2.5e-7}};
        QVERIFY(writeImportance(matrix, at("own.gguf"), {}).has_value());
        const auto read = readImportance(at("own.gguf"));
        QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
        QVERIFY(read->sensitivities == matrix.sensitivities);
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        for (const double value : {-1.0, 2e12, kInfinity, kInfinity - kInfinity}) {
            matrix.sensitivities = {{"blk.0.attn_q.weight", value}};
            QVERIFY(writeImportance(matrix, at("bad.gguf"), {}).has_value());
            const auto refused = readImportance(at("bad.gguf"));
            QVERIFY(!refused && refused.error().code == ErrorCode::FileDamaged);
            QVERIFY(refused.error().message.find("blk.0.attn_q.weight") != std::string::npos);
        }
    }

    void countThatMakesInfiniteMeans_isRefusedByName() {
        ImportanceMatrix matrix = smallMatrix();
        matrix.entries["blk.0.attn_q.weight"].counts = {1e-40f};
        QVERIFY(writeImportance(matrix, at("bad.gguf"), {}).has_value());
        const auto read = readImportance(at("bad.gguf"));
        QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
        const auto weights = read->weightsOf("blk.0.attn_q.weight", 1, 3);
        QVERIFY(!weights && weights.error().code == ErrorCode::FileDamaged);
        QVERIFY2(weights.error().message.find("blk.0.attn_q.weight") != std::string::npos,
                 weights.error().message.c_str());
    }

    void anotherModels_isRefused() {
        const auto wrong = smallMatrix().weightsOf("blk.0.attn_q.weight", 1, 4);
        QVERIFY(!wrong);
        QVERIFY(wrong.error().code == ErrorCode::InvalidArgument);
        QVERIFY(wrong.error().message.find("blk.0.attn_q.weight") != std::string::npos);
    }

    void whatIsNoSumOfSquares_isRefusedByName_data() {
        QTest::addColumn<float>("value");
        QTest::newRow("negative") << -1.0f;
        QTest::newRow("no number") << std::numeric_limits<float>::quiet_NaN();
        QTest::newRow("infinite") << std::numeric_limits<float>::infinity();
    }
    void whatIsNoSumOfSquares_isRefusedByName() {
        QFETCH(const float, value);
        ImportanceMatrix matrix = smallMatrix();
        matrix.entries["blk.0.ffn_up_exps.weight"].sums[4] = value;
        QVERIFY(writeImportance(matrix, at("bad.gguf"), {}).has_value());
        const auto read = readImportance(at("bad.gguf"));
        QVERIFY(!read);
        QVERIFY(read.error().code == ErrorCode::FileDamaged);
        QVERIFY2(read.error().message.find("blk.0.ffn_up_exps.weight") != std::string::npos,
                 read.error().message.c_str());
    }

    // Cut at every byte: an error, but behind the entries, where the first versions end.
    void cutOlderForm_isAnError() {
        const auto bytes = test::readBytes(kGolden / "stories260K.imatrix.dat");
        QVERIFY(bytes.size() > 400);
        std::size_t nWhole = 0;
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto read = parseOlderImportance(std::span(bytes).first(size), "cut.dat");
            if (read) {
                QCOMPARE(read->entries.size(), std::size_t{35});
                QCOMPARE(size, bytes.size() - 4 - 4 - std::string("calibration.txt").size());
                ++nWhole;
            } else {
                QVERIFY(read.error().code == ErrorCode::FileDamaged);
            }
        }
        QCOMPARE(nWhole, std::size_t{1});
    }

    void model_isNoImportanceMatrix() {
        const auto read =
            readImportance(std::filesystem::path(SOTTO_GOLDEN_DIR) / "llama" / "f32.gguf");
        QVERIFY(!read && read.error().code == ErrorCode::InvalidArgument);
    }
};

QTEST_APPLESS_MAIN(ImportanceTest)
#include "importance_test.moc"

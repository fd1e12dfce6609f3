// Which files of a repository are models, what their names say, and which one a person means.
#include <QtTest>

#include "app/core/hub/hub_entries.h"

using namespace sotto;
using namespace sotto::app;

namespace {

net::HubFile file(std::string path, std::uint64_t nBytes = 100) {
    return {.path = std::move(path), .nBytes = nBytes};
}

std::vector<HubEntry> someEntries() {
    return hubEntries({file("README.md"), file("Tiny-1B-Q8_0.gguf", 800),
                       file("Tiny-1B-Q4_K_M.gguf", 400), file("mmproj-Tiny-F16.gguf", 50),
                       file("mtp-Tiny-1B.gguf", 20), file("imatrix_unsloth.gguf", 5),
                       file("BF16/Tiny-1B-BF16-00002-of-00003.gguf", 700),
                       file("BF16/Tiny-1B-BF16-00001-of-00003.gguf", 600),
                       file("BF16/Tiny-1B-BF16-00003-of-00003.gguf", 100)});
}

}  // namespace

class HubEntriesTest : public QObject {
    Q_OBJECT
private slots:
    void types_standInNames_data();
    void types_standInNames();
    void parts_areOneModel();
    void otherKinds_areNoModels();
    void incompleteSplits_areNotOffered();
    void choice_isByPathNameOrType_data();
    void choice_isByPathNameOrType();
    void choice_thatIsNone_listsWhatThereIs();
};

void HubEntriesTest::types_standInNames_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("type");
    const auto row = [](const char* path, const char* type) {
        QTest::newRow(path) << QString::fromUtf8(path) << QString::fromUtf8(type);
    };
    row("Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M");
    row("Qwen3-30B-A3B-UD-Q4_K_XL.gguf", "Q4_K_XL");
    row("gemma-3-4b-it-q4_0.gguf", "Q4_0");
    row("model.Q5_K_S.gguf", "Q5_K_S");
    row("phi-4-IQ2_XXS.gguf", "IQ2_XXS");
    row("bitnet-TQ1_0.GGUF", "TQ1_0");
    row("gpt-oss-20b-mxfp4.gguf", "MXFP4");
    row("a-f16.gguf", "F16");
    row("BF16/part-00001-of-00002.gguf", "BF16");
    row("Model-Q8_0-00001-of-00004.gguf", "Q8_0");
    row("Q4_K_M/Model-Q6_K.gguf", "Q6_K");  // the file's own name counts
    row("Qwen3-8B.gguf", "");               // no type, though it has letters and numbers
    row("Q8_0.txt", "");
    row("ggml-model.gguf", "");
}

void HubEntriesTest::types_standInNames() {
    QFETCH(QString, path);
    QFETCH(QString, type);
    QCOMPARE(QString::fromStdString(typeOfName(path.toStdString())), type);
}

void HubEntriesTest::parts_areOneModel() {
    const std::vector<HubEntry> entries = someEntries();
    QCOMPARE(entries.size(), std::size_t{6});
    QCOMPARE(entries[0].type, std::string("Q4_K_M"));  // by size
    QCOMPARE(entries[1].type, std::string("Q8_0"));
    const HubEntry& split = entries[2];
    QCOMPARE(split.name, std::string("BF16/Tiny-1B-BF16-00001-of-00003.gguf"));
    QCOMPARE(split.nBytes, std::uint64_t{1400});
    QCOMPARE(split.nParts, 3);
    QVERIFY(split.isWhole());
    QCOMPARE(split.parts[2].path, std::string("BF16/Tiny-1B-BF16-00003-of-00003.gguf"));
}

void HubEntriesTest::otherKinds_areNoModels() {
    const std::vector<HubEntry> entries = someEntries();
    QVERIFY(entries[3].kind == HubEntryKind::Vision);
    QVERIFY(entries[4].kind == HubEntryKind::Draft);
    QVERIFY(entries[5].kind == HubEntryKind::Matrix);
    const auto only =
        chooseEntry(hubEntries({file("a-Q8_0.gguf"), file("mmproj-F16.gguf")}), "", "o/n");
    QVERIFY(only);
    QCOMPARE(only->type, std::string("Q8_0"));
    // But they can be had by name.
    QVERIFY(chooseEntry(entries, "mmproj-Tiny-F16.gguf", "o/n"));
}

void HubEntriesTest::incompleteSplits_areNotOffered() {
    const auto entries = hubEntries({file("a-Q8_0-00001-of-00002.gguf")});
    QVERIFY(!entries[0].isWhole());
    const auto chosen = chooseEntry(entries, "Q8_0", "o/n");
    QVERIFY(!chosen);
    QCOMPARE(chosen.error().code, ErrorCode::NotFound);
    // Numbers that are none: the name of a file of its own.
    QCOMPARE(hubEntries({file("a-00003-of-00002.gguf")})[0].nParts, 1);
    QCOMPARE(hubEntries({file("a-00000-of-00002.gguf")})[0].nParts, 1);
}

void HubEntriesTest::choice_isByPathNameOrType_data() {
    QTest::addColumn<QString>("wanted");
    QTest::addColumn<QString>("type");
    QTest::newRow("type") << "Q4_K_M"
                          << "Q4_K_M";
    QTest::newRow("type in small letters") << "q8_0"
                                           << "Q8_0";
    QTest::newRow("file") << "Tiny-1B-Q8_0.gguf"
                          << "Q8_0";
    QTest::newRow("path") << "BF16/Tiny-1B-BF16-00001-of-00003.gguf"
                          << "BF16";
    QTest::newRow("split by its first part's name") << "tiny-1b-bf16-00001-of-00003.gguf"
                                                    << "BF16";
}

void HubEntriesTest::choice_isByPathNameOrType() {
    QFETCH(QString, wanted);
    QFETCH(QString, type);
    const auto chosen = chooseEntry(someEntries(), wanted.toStdString(), "acme/tiny");
    QVERIFY(chosen);
    QCOMPARE(QString::fromStdString(chosen->type), type);
}

void HubEntriesTest::choice_thatIsNone_listsWhatThereIs() {
    const auto several = chooseEntry(someEntries(), "", "acme/tiny");
    QVERIFY(!several);
    QCOMPARE(several.error().code, ErrorCode::InvalidArgument);
    QVERIFY(QString::fromStdString(several.error().message).contains("Q4_K_M, Q8_0, BF16"));
    const auto missing = chooseEntry(someEntries(), "Q2_K", "acme/tiny");
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(QString::fromStdString(missing.error().message).contains("Q4_K_M, Q8_0, BF16"));
    const auto twice =
        chooseEntry(hubEntries({file("a-Q8_0.gguf"), file("b-Q8_0.gguf")}), "Q8_0", "o/n");
    QVERIFY(!twice);
    QCOMPARE(twice.error().code, ErrorCode::InvalidArgument);
    // The whole path of one is the name of another.
    const auto path = chooseEntry(hubEntries({file("a-Q8_0.gguf", 1), file("sub/a-Q8_0.gguf", 2)}),
                                  "a-Q8_0.gguf", "o/n");
    QVERIFY(path);
    QCOMPARE(path->nBytes, std::uint64_t{1});
    QVERIFY(hubEntries({file("Qwen-0.5B-draft-Q8_0.gguf")})[0].kind == HubEntryKind::Draft);
    const auto none = chooseEntry(hubEntries({file("a.safetensors")}), "", "o/n");
    QVERIFY(!none);
    QCOMPARE(none.error().code, ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(HubEntriesTest)
#include "hub_entries_test.moc"

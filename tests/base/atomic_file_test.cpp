#include "base/atomic_file.h"

#include "base/abandoned_files.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <filesystem>
#include <string_view>
#include <utility>

#include "tests/support/golden_files.h"
#include "tests/support/process_limits.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

class AtomicFileTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    std::size_t fileCount() const {
        const fs::path folder(m_folder.path().toStdString());
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }

private slots:
    void cleanup() {
        for (const auto& entry : fs::directory_iterator(m_folder.path().toStdString()))
            fs::remove_all(entry.path());
    }

    void newFile_leavesWhatCameMeanwhile() {
        auto file = AtomicFile::create(at("model"), {.inputs = {}, .isNew = true});
        QVERIFY(file && file->append(bytesOf("made later")).has_value());
        {
            auto other = AtomicFile::create(at("model"), {.inputs = {}, .isNew = true});
            QVERIFY(other && other->append(bytesOf("came")).has_value());
            QVERIFY(other->commit().has_value());
        }
        AtomicFile moved = std::move(*file);
        const Status late = moved.commit();
        QVERIFY(!late);
        QCOMPARE(late.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(fs::file_size(at("model")), std::uintmax_t(4));
        QCOMPARE(std::distance(fs::directory_iterator(m_folder.path().toStdString()), {}),
                 std::ptrdiff_t(1));
    }

    void commit_makesTheFileVisibleOnlyThen() {
        auto file = AtomicFile::create(at("model"));
        QVERIFY(file.has_value());
        QVERIFY(file->append(bytesOf("first ")).has_value());
        QVERIFY(file->append({}).has_value());
        QVERIFY(file->append(bytesOf("second")).has_value());
        QVERIFY(!fs::exists(at("model")));
        QVERIFY(file->commit().has_value());
        QCOMPARE(test::readText(at("model")), std::string("first second"));
        QCOMPARE(fileCount(), std::size_t{1});
    }

    // What a killed program leaves is nobody's; what is being written stays, and so does all that
    // is called otherwise.
    void abandonedFiles_areRemoved() {
        const std::vector<std::byte> bytes(10);
        for (const char* name : {"model.123-0.part", "model.77-99.part"})
            QVERIFY(test::writeBytes(at(name), bytes));
        const std::vector<const char*> others{
            "model",          "model.part",     "model.1-.part",      "model.1-0.parts",
            "model.a-0.part", "other.1-0.part", "model.gguf.1-0.part"};
        for (const char* name : others) QVERIFY(test::writeBytes(at(name), bytes));
        auto file = AtomicFile::create(at("model"));
        QVERIFY(file.has_value());
        QVERIFY(file->append(bytesOf("new")).has_value());
        QCOMPARE(removeAbandonedFiles(at("model")), 2);
        QCOMPARE(fileCount(), others.size() + 1);
        for (const char* name : others) QVERIFY2(fs::exists(at(name)), name);
        QVERIFY(file->commit().has_value());
        QCOMPARE(test::readText(at("model")), std::string("new"));
        QCOMPARE(removeAbandonedFiles(at("none") / "deeper"), 0);
    }

    void commit_replacesAnOlderFile() {
        QVERIFY(test::writeBytes(at("model"), std::vector<std::byte>(100)));
        auto file = AtomicFile::create(at("model"));
        QVERIFY(file.has_value());
        QVERIFY(file->append(bytesOf("new")).has_value());
        QVERIFY(file->commit().has_value());
        QCOMPARE(test::readText(at("model")), std::string("new"));
    }

    void destructor_leavesNothingAndKeepsTheOlderFile() {
        QVERIFY(test::writeBytes(at("model"), {std::byte{'o'}}));
        {
            auto file = AtomicFile::create(at("model"));
            QVERIFY(file.has_value());
            QVERIFY(file->append(bytesOf("half a mod")).has_value());
            QCOMPARE(fileCount(), std::size_t{2});
        }
        QCOMPARE(fileCount(), std::size_t{1});
        QCOMPARE(test::readText(at("model")), std::string("o"));
    }

    void create_givesTwoWritersNamesOfTheirOwn() {
        auto first = AtomicFile::create(at("model"));
        auto second = AtomicFile::create(at("model"));
        QVERIFY(first && second);
        QVERIFY(first->append(bytesOf("first")).has_value());
        QVERIFY(second->append(bytesOf("second")).has_value());
        QVERIFY(first->commit().has_value());
        QVERIFY(second->commit().has_value());
        QCOMPARE(test::readText(at("model")), std::string("second"));
        QCOMPARE(fileCount(), std::size_t{1});
    }

    void move_handsOverTheTemporaryFile() {
        auto first = AtomicFile::create(at("model"));
        QVERIFY(first.has_value());
        AtomicFile second(std::move(*first));
        QVERIFY(second.append(bytesOf("x")).has_value());
        QVERIFY(second.commit().has_value());
        QVERIFY(fs::exists(at("model")));
    }

    void append_reportsAFullDisk() {
        auto file = AtomicFile::create(at("model"));
        QVERIFY(file.has_value());
        const test::FileSizeLimit limit(10000);
        if (!limit.isActive()) QSKIP("this system cannot limit file sizes for a test");
        const std::vector<std::byte> piece(8000);
        QVERIFY(file->append(piece).has_value());
        const Status status = file->append(piece);
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::DiskFull);
        QVERIFY(status.error().message.find("model") != std::string::npos);
        QVERIFY(status.error().message.find("free some space") != std::string::npos);
    }

    void create_namesWhatIsWrong() {
        const auto missing = AtomicFile::create(at("no") / "such" / "folder");
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileNotFound);
        QVERIFY(missing.error().message.find("folder does not exist") != std::string::npos);
        const auto folder = AtomicFile::create(m_folder.path().toStdString());
        QVERIFY(!folder);
        QCOMPARE(folder.error().code, ErrorCode::InvalidArgument);
        QVERIFY(folder.error().message.find("is a folder") != std::string::npos);
        QCOMPARE(AtomicFile::create("").error().code, ErrorCode::InvalidArgument);
        QCOMPARE(fileCount(), std::size_t{0});
    }

    void create_takesTheLongestName() {
        const std::string name(255, 'n');
        auto file = AtomicFile::create(at(name.c_str()));
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QVERIFY(file->commit());
        QVERIFY(fs::exists(at(name.c_str())));
    }

    void create_refusesAReadOnlyFolder() {
        fs::permissions(m_folder.path().toStdString(), fs::perms(0755));
        fs::create_directory(at("locked"));
        fs::permissions(at("locked"), fs::perms(0555));
        const test::UnprivilegedScope scope;
        if (!scope.isActive()) QSKIP("this system cannot drop privileges for a test");
        const auto refused = AtomicFile::create(at("locked") / "model");
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::ReadOnly);
        QVERIFY(refused.error().message.find("permission") != std::string::npos);
        QVERIFY(fs::is_empty(at("locked")));
    }
};

QTEST_APPLESS_MAIN(AtomicFileTest)
#include "atomic_file_test.moc"

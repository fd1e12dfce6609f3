// A file is cut while it is mapped, in a process of its own: it lives on, and knows.
#include "base/mapped_range.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <filesystem>
#include <functional>

#include "base/mapped_file.h"
#include "base/mapped_range_slots.h"
#include "tests/support/golden_files.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBytes = 64 * 4096;

// The status of a child that does this: what it returned, or minus the signal that ended it.
int statusOf(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// Not to be moved or left out by the compiler.
int read(const std::byte* at) {
    return std::to_integer<int>(*static_cast<const volatile std::byte*>(at));
}

}  // namespace

class MappedRangeTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        const std::vector<std::byte> bytes(kBytes, std::byte{7});
        m_path = m_folder.filePath("mapped").toStdString();
        QVERIFY(test::writeBytes(m_path, bytes));
    }

    void lostPages_readAsZeros() {
        const int status = statusOf([this] {
            const auto file = MappedFile::open(m_path);
            if (!file || file->isLost() || read(&file->bytes()[kBytes - 1]) != 7) return 1;
            fs::resize_file(m_path, 5000);
            if (read(&file->bytes()[kBytes / 2]) != 0 || !file->isLost()) return 2;
            for (const std::byte& byte : file->bytes())
                if (read(&byte) != 0) return 3;
            return 0;
        });
        QCOMPARE(status, 0);
    }
    void otherFiles_areAsBefore() {
        const int status = statusOf([this] {
            const std::string other = m_path + "2";
            fs::copy_file(m_path, other);
            const auto lost = MappedFile::open(m_path);
            const auto whole = MappedFile::open(other);
            if (!lost || !whole) return 1;
            fs::resize_file(m_path, 0);
            if (read(lost->bytes().data()) != 0) return 2;
            return lost->isLost() && !whole->isLost() && read(whole->bytes().data()) == 7 ? 0 : 3;
        });
        QCOMPARE(status, 0);
    }
    // The owner goes while a handler runs, and the slot is taken by the next file: that one is not
    // touched, whichever of the two was larger.
    void slotTakenByAnotherFile_isNotReplaced() {
        const int status = statusOf([this] {
            const std::string other = m_path + "2";
            if (!test::writeBytes(other, std::vector<std::byte>(2 * kBytes, std::byte{9})))
                return 1;
            auto first = MappedFile::open(m_path);
            if (!first) return 2;
            const auto match =
                mappedRangeAt(reinterpret_cast<std::uintptr_t>(first->bytes().data()));
            if (!match || match->size != kBytes) return 3;
            const auto healthy = MappedFile::open(other);
            if (!healthy) return 4;
            { const MappedFile gone = std::move(*first); }
            const MappedRange taken(healthy->bytes().data(), healthy->bytes().size());
            if (match->slot->begin != reinterpret_cast<std::uintptr_t>(healthy->bytes().data()))
                return 5;
            if (replaceByZeros(*match) || taken.hasFailed() || healthy->isLost()) return 6;
            for (const std::byte& byte : healthy->bytes())
                if (read(&byte) != 9) return 7;
            return 0;
        });
        QCOMPARE(status, 0);
    }
    // A mapping of somebody else: the process ends as it did, or its handler is called.
    void foreignAddresses_areLeftToOthers() {
        const auto readForeign = [this](bool isHandled) {
            struct sigaction action {};
            action.sa_handler = isHandled ? [](int) { ::_exit(42); } : SIG_DFL;
            ::sigaction(SIGBUS, &action, nullptr);
            const auto own = MappedFile::open(m_path);
            FILE* const file = std::fopen(m_path.c_str(), "rb");
            const auto* foreign = static_cast<const std::byte*>(
                ::mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE, ::fileno(file), 0));
            fs::resize_file(m_path, 0);
            return read(foreign);
        };
        QCOMPARE(statusOf([&] { return readForeign(false); }), -SIGBUS);
        init();
        QCOMPARE(statusOf([&] { return readForeign(true); }), 42);
    }
    // It stays installed and chains to ours, which chains to what was there before both.
    void foreignHandlerBehindOurs_isNotChainedInACircle() {
        const auto readForeign = [this] {
            struct sigaction action {};
            action.sa_handler = [](int) { ::_exit(42); };
            ::sigaction(SIGBUS, &action, nullptr);
            static struct sigaction ours {};
            ::alarm(10);  // ends the circle, if there is one
            {
                const auto first = MappedFile::open(m_path);
                action.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
                    ours.sa_sigaction(signal, info, context);
                };
                action.sa_flags = SA_SIGINFO;
                ::sigaction(SIGBUS, &action, &ours);
            }
            const auto again = MappedFile::open(m_path);
            FILE* const file = std::fopen(m_path.c_str(), "rb");
            const auto* foreign = static_cast<const std::byte*>(
                ::mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE, ::fileno(file), 0));
            fs::resize_file(m_path, 0);
            if (read(again->bytes().data()) != 0 || !again->isLost()) return 1;
            return read(foreign);
        };
        QCOMPARE(statusOf(readForeign), 42);
    }
    void lastRange_takesTheHandlerAway() {
        const auto handlerNow = [] {
            struct sigaction action {};
            ::sigaction(SIGBUS, nullptr, &action);
            return action.sa_handler;
        };
        const auto before = handlerNow();
        {
            auto first = MappedFile::open(m_path);
            const auto second = MappedFile::open(m_path);
            QVERIFY(handlerNow() != before);
            const MappedFile moved = std::move(*first);
            QVERIFY(handlerNow() != before);
        }
        QVERIFY(handlerNow() == before);
    }

private:
    QTemporaryDir m_folder;
    std::string m_path;
};

QTEST_APPLESS_MAIN(MappedRangeTest)
#include "mapped_range_test.moc"

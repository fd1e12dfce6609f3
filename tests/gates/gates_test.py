#!/usr/bin/env python3
"""Every gate is shown a tree that is right and trees that are wrong, and must say so."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/gates"), str(ROOT / "scripts")]

import atomic_fences  # noqa: E402
import class_spread  # noqa: E402
import docs_paths  # noqa: E402
import format as cpp_format  # noqa: E402
import format_qml  # noqa: E402
import group_names  # noqa: E402
import layers  # noqa: E402
import positional  # noqa: E402
import qml_decisions  # noqa: E402
import qml_focus  # noqa: E402
import shipped  # noqa: E402
import sizes  # noqa: E402
import throwing  # noqa: E402
import translations  # noqa: E402
import wide_symbols  # noqa: E402


class Tree(unittest.TestCase):
    """A folder that a test fills."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def assertOneProblem(self, problems, *parts):
        self.assertEqual(len(problems), 1, problems)
        for part in parts:
            self.assertIn(part, problems[0])


MESSAGE = """<message><source>{source}</source><translation{type}>{translation}</translation></message>"""
PLURAL = """<message numerus="yes"><source>%n row(s)</source><translation>{forms}</translation></message>"""


class QmlDecisions(Tree):
    def problems(self, text, exempt={}):
        self.write("app/ui/Chat/Row.qml", "import QtQuick\nItem {\n" + text + "\n}\n")
        return qml_decisions.problems_of(self.root, exempt)

    def test_bindings(self):
        self.assertEqual(self.problems('    visible: isThere && state === Row.Done\n    text: qsTr("a switch (b), ].includes(c)")'), [])

    def test_a_switch(self):
        self.assertOneProblem(self.problems("    text: {\n        switch (state) {\n        }\n    }"), "Chat/Row.qml:4: a switch")

    def test_a_list_of_literals(self):
        self.assertOneProblem(self.problems('    visible: ["a", "b"].includes(reason)'), "list of literals")

    def test_work_on_lists_and_strings(self):
        for work in ("rows.filter(row => row.isThere)", "[a, b].join(c)", "keys.split(d)"):
            self.assertOneProblem(self.problems(f"    text: {work}"), "work on a list or a string")

    def test_functions(self):
        for length, n_problems in ((17, 0), (18, 1)):
            body = "    function f(): void {\n" + "        a();\n" * (length - 2) + "    }"
            self.assertEqual(len(self.problems(body)), n_problems)

    def test_exemptions(self):
        exempt = {("Chat/Row.qml", "a switch"): "a reason"}
        self.assertEqual(self.problems("    text: switch (a)", exempt), [])
        self.assertOneProblem(self.problems("    text: a", exempt), "take it from EXEMPT")


class QmlFocus(Tree):
    def problems(self, head, focus):
        self.write("app/ui/Chat/Bar.qml", head + " {\n    T.TextArea {\n        focus: true\n    }\n}\n")
        self.write("app/ui/Chat/Page.qml", "FocusScope {\n    Bar {\n        id: bar\n        " + focus + "\n    }\n}\n")
        return qml_focus.problems_of(self.root)

    def test_two_that_want_one_focus(self):
        self.assertOneProblem(self.problems("Rectangle", "focus: isShown"), "Chat/Page.qml:4: Bar")

    def test_a_scope_and_no_focus(self):
        self.assertEqual(self.problems("FocusScope", "focus: isShown"), [])
        self.assertEqual(self.problems("T.Popup", "focus: true"), [])
        self.assertEqual(self.problems("Rectangle", "visible: true"), [])


class Translations(Tree):
    def setUp(self):
        super().setUp()
        self.lupdate = translations.find_lupdate()
        self.assertIsNotNone(self.lupdate, "there is no lupdate of Qt 6")
        self.write("app/ui/Page.qml", 'import QtQuick\nText { text: qsTr("Kept"); property string a: qsTr("%n row(s)", "", 2) }\n')
        self.plural = PLURAL.format(forms="<numerusform>x</numerusform>")
        self.ts("sotto_en.ts", PLURAL.format(forms="<numerusform>%n row</numerusform><numerusform>%n rows</numerusform>"))
        self.ts("sotto_zh_CN.ts", self.kept() + self.plural)

    def kept(self, type="", translation="x"):
        return MESSAGE.format(source="Kept", type=type, translation=translation)

    def ts(self, name, messages, context="Page"):
        self.write(f"resources/translations/{name}",
                   f'<?xml version="1.0"?><!DOCTYPE TS><TS version="2.1"><context><name>{context}</name>{messages}</context></TS>')

    def problems(self):
        return translations.problems_of(self.root, self.lupdate)[0]

    def test_whole(self):
        self.assertEqual(self.problems(), [])

    def test_new_text(self):
        self.write("app/ui/Other.qml", 'import QtQuick\nText { text: qsTr("New") }\n')
        self.assertOneProblem(self.problems(), 'zh_CN.ts: Other: "New" has no entry')

    def test_new_text_in_cpp(self):
        self.write("app/chat/thing.cpp", '#include "app/chat/thing.h"\nnamespace sotto { QString Thing::a() { return tr("New"); } }\n')
        self.write("app/chat/thing.h", "namespace sotto { class Thing : public QObject { Q_OBJECT QString a(); }; }\n")
        self.assertOneProblem(self.problems(), 'sotto::Thing: "New" has no entry')

    def test_what_lupdate_cannot_place(self):
        self.write("app/chat/thing.cpp", 'QString Nowhere::a() { return tr("Kept"); }\n')
        self.assertTrue(any("unknown namespace/class" in problem for problem in self.problems()))

    def test_text_that_is_gone(self):
        self.ts("sotto_zh_CN.ts", self.kept() + self.plural + MESSAGE.format(source="Gone", type="", translation="x"))
        self.assertOneProblem(self.problems(), '"Gone" is in no source')

    def test_another_context(self):
        self.ts("sotto_zh_CN.ts", self.kept() + self.plural, context="Elsewhere")
        self.assertEqual(len(self.problems()), 4)  # two missing here, two too many there

    def test_unfinished_obsolete_and_empty(self):
        for type, translation, why in ((' type="unfinished"', "x", "is unfinished"), (' type="obsolete"', "x", "is obsolete"),
                                       ("", " ", "is empty")):
            self.ts("sotto_zh_CN.ts", self.kept(type, translation) + self.plural)
            self.assertOneProblem(self.problems(), why)

    def test_an_empty_plural(self):
        self.ts("sotto_en.ts", PLURAL.format(forms="<numerusform>%n row</numerusform><numerusform/>"))
        self.assertOneProblem(self.problems(), "sotto_en.ts", "is empty")

    def test_what_is_no_literal(self):
        self.write("app/ui/Other.qml", 'import QtQuick\nText {\n    text: qsTr(name) // qsTr(x)\n}\n')
        self.assertOneProblem(self.problems(), "app/ui/Other.qml:3", "no literal")


class ClassSpread(Tree):
    def setUp(self):
        super().setUp()
        self.write("app/chat/one.cpp", "namespace x {\nint One::a() {\n    return Other::b();\n}\nvoid detail::free() {}\n}\n")
        self.write("app/chat/one_posix.cpp", "One::~One() {}\n")

    def test_twins_of_platforms_count_once(self):
        self.write("app/chat/two_posix.cpp", "void Two::a() {}\n")
        self.write("app/chat/two_windows.cpp", "void Two::a() {}\n")
        self.assertEqual(class_spread.problems_of(self.root, {}), [])

    def test_a_second_file(self):
        for definition in ("void One::b() {}", "One::One(int a) : m_a(a) {}", "std::vector<int> x::One::b(\n    int a) {}",
                           "bool One::operator==(const One&) const {}", "One& One::instance() {}"):
            self.write("app/chat/one_more.cpp", f"{definition}\n")
            self.assertOneProblem(class_spread.problems_of(self.root, {}), "app/chat/One is spread over one, one_more")

    def test_calls_and_other_folders_are_none(self):
        self.write("app/chat/user.cpp", "void use() {\n    One::a();\n    const int b = One::a();\n}\n")
        self.write("app/models/one.cpp", "void One::a() {}\n")
        self.assertEqual(class_spread.problems_of(self.root, {}), [])

    def test_exceptions(self):
        self.write("app/chat/one_more.cpp", "void One::b() {}\n")
        self.assertEqual(class_spread.problems_of(self.root, {"app/chat/One": "why"}), [])
        self.assertOneProblem(class_spread.problems_of(self.root, {"app/chat/One": "", "app/chat/Two": ""}),
                              "Two", "take its exception out")


class Positional(Tree):
    def setUp(self):
        super().setUp()
        self.write("engine/kernels/kernel_set.h",
                   "struct Args {\n    const float* x = nullptr;  // in\n    const float* out =\n        nullptr;\n    int width = 0;\n};\n"
                   "class Set {\n    virtual void run(const Args& args) = 0;\n    virtual const Args& args() const {\n        f(a, b);\n    }\n};\n")

    def test_what_is_named_or_cannot_slip(self):
        self.write("engine/model/user.cpp", "Args a{.x = p, .out = q};\nOther b{p, q};\nset.run({.x = p, .out = q});\nArgs c{f(p, q)};\nset.walk({p, q});\n")
        self.assertEqual(positional.problems_of(self.root), [])

    def test_what_is_given_by_position(self):
        for text, line in (("const Args a{p,\n             q};", 2), ("use(Args{p, q, 3});", 2), ("set->run({p, f(1, 2)});", 2),
                           ("Args a = {p, q};", 2), ("Args f(int n) {\n    return {p, q}; }\n}", 3)):
            self.write("tests/engine/user_test.cpp", f"\n{text}\n")
            self.assertOneProblem(positional.problems_of(self.root), f"tests/engine/user_test.cpp:{line}", "the fields of Args")

    def test_several_fields_of_one_declaration(self):
        self.write("engine/kernels/cuda/launch.h", "struct Box {\n    int width = f(1, 2), height = 0;\n    Map<int, int> map;\n};\n")
        self.write("engine/kernels/cuda/a.cpp", "Box a{1};\nBox b{.width = 1, .height = 2};\nBox c{1, 2};\n")
        self.assertOneProblem(positional.problems_of(self.root), "engine/kernels/cuda/a.cpp:3", "the fields of Box")

    def test_a_cuda_source_and_its_own_structs(self):
        self.write("engine/kernels/cuda/a.cu", "struct Shape {\n    int rows;\n    int bytes() const { return 4 * rows; }\n    int cols;\n};\n"
                   "Shape shapeOf(int n) {\n    if (n == 0) return {};\n    return {n, 2};\n}\nlaunch(Shape{1, 2});\nstruct Wide : Shape {\n};\n")
        problems = positional.problems_of(self.root)
        self.assertEqual([problem.split(": ")[0] for problem in problems], ["engine/kernels/cuda/a.cu:8", "engine/kernels/cuda/a.cu:10"])
        # Another file knows nothing of them.
        self.write("engine/kernels/cuda/a.cpp", "Shape a{1, 2};\n")
        self.assertEqual(len(positional.problems_of(self.root)), 2)

    def test_launches_and_lists(self):
        self.write("engine/kernels/cuda/launch.h", "void launchRun(const Args& args, const Stream& on);\nstruct State {\n    std::vector<Args> waiting;\n};\n")
        for text in ("launchRun({p, q}, on);", "state.waiting.push_back({p, q});"):
            self.write("engine/kernels/cuda/a.cpp", text)
            self.assertOneProblem(positional.problems_of(self.root), "engine/kernels/cuda/a.cpp:1", "the fields of Args")

    def test_a_struct_with_a_constructor_is_no_aggregate(self):
        self.write("engine/kernels/cuda/launch.h", "struct Pair {\n    Pair(int a, int b);\n    int a;\n    int b;\n};\n")
        self.write("engine/kernels/cuda/a.cpp", "Pair a{1, 2};\n")
        self.assertEqual(positional.problems_of(self.root), [])


class Throwing(Tree):
    def problems(self, line, allowed={}):
        self.write("app/core/a.cpp", "void f(std::error_code& error) {\n    std::error_code ignored;\n" + line + "\n}\n")
        return throwing.problems_of(self.root, allowed)

    def test_what_does_not_throw(self):
        for line in (
            "if (!fs::exists(path, error)) return;",
            "fs::copy_file(from, to(a, b), fs::copy_options::none, ignored);",
            "const auto status = fs::symlink_status(path, error);\nif (std::filesystem::is_directory(status)) return;",
            "if (fs::is_regular_file(fs::status(path, ignored))) return;",
            "for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {}",
            "for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {}",
            "if (entry->symlink_status(ignored).type() != fs::file_type::regular) return;",
            "if (entry.is_object()) return;\n++entry;",
            "const auto json = nlohmann::json::parse(text, nullptr, false);",
            "// fs::exists(path) throws, and std::stoi as well\nsay(\"fs::exists(path)\");",
            "std::from_chars(text.data(), text.data() + text.size(), number);",
        ):
            self.assertEqual(self.problems(line), [], line)

    def test_what_throws(self):
        for line, *parts in (
            ("if (fs::exists(path)) return;", "a.cpp:3", "filesystem::exists"),
            ("std::filesystem::rename(from, to);", "filesystem::rename"),
            ("fs::create_directories(folder, other);", "filesystem::create_directories"),
            ("fs::directory_iterator entry(folder);", "filesystem::directory_iterator"),
            ("for (const auto& entry : fs::directory_iterator(folder, error)) {}", "increment(error)"),
            ("for (const auto& entry :\n         std::filesystem::recursive_directory_iterator(folder, error)) {}", "increment(error)"),
            ("fs::directory_iterator entry(folder, error);\n++entry;", "increment(error)"),
            ("if (entry->is_regular_file()) return;", "is_regular_file()"),
            ("std::string text(std::istreambuf_iterator<char>(file), {});", "istreambuf_iterator"),
            ("const int n = std::stoi(text);", "std::stoi", "from_chars"),
            ("const auto json = nlohmann::json::parse(text);", "no JSON"),
            ("const Json json = Json::parse(m_file, nullptr, false);", "of a stream"),
        ):
            self.assertOneProblem(self.problems(line), "app/core/a.cpp", *parts)

    def test_exceptions(self):
        allowed = {("app/core/a.cpp", "std::stol"): "a reason"}
        self.assertEqual(self.problems("std::stol(text);", allowed), [])
        self.assertOneProblem(self.problems("", allowed), "take it from ALLOWED")


class AtomicFences(Tree):
    KERNEL = ("__device__ bool isLast(int* counter) {{\n    SOTTO_SHARED(int, turn);\n    {before}\n    if (threadIdx.x == 0) turn = atomicAdd(counter, 1);\n"
              "    __syncthreads();\n    {after}\n    return turn == 3;\n}}\n")

    def problems(self, text):
        self.write("engine/kernels/cuda/a.cu", text)
        return atomic_fences.problems_of(self.root)

    def test_a_counter_between_two_fences(self):
        self.assertEqual(self.problems(self.KERNEL.format(before="__threadfence();\n    __syncthreads();", after="__threadfence();")), [])

    def test_missing_fences(self):
        place = "engine/kernels/cuda/a.cu:4"
        self.assertOneProblem(self.problems(self.KERNEL.format(before="__syncthreads();", after="__threadfence();")), place, "before")
        self.assertOneProblem(self.problems(self.KERNEL.format(before="__threadfence();\n    __syncthreads();", after="")), "behind")
        self.assertOneProblem(self.problems(self.KERNEL.format(before="__threadfence();", after="__threadfence();")), "barrier")
        commented = self.KERNEL.format(before="__threadfence();\n    __syncthreads();", after="// __threadfence();")
        self.assertOneProblem(self.problems(commented), "behind")
        # A fence of another function is none.
        self.assertOneProblem(self.problems("void f() {\n    __threadfence();\n    __syncthreads();\n}\n" +
                                            self.KERNEL.format(before="", after="__threadfence();")), "before")

    def test_sums_and_shared_memory_are_no_counters(self):
        for text in ("    atomicAdd(sum, own);", "    if (own > 0) atomicMax(&sum[3], own);",
                     "    SOTTO_SHARED(int, nChosen);\n    const int at = atomicAdd(&nChosen, 1);"):
            self.assertEqual(self.problems("__global__ void k(int* sum) {\n" + text + "\n}\n"), [], text)


class WideSymbols(unittest.TestCase):
    def problems(self, *symbols):
        return wide_symbols.problems_of("a.o", "".join(f"00000000000000a0 {symbol}\n" for symbol in symbols))

    def test_its_own(self):
        own = ["T sotto::quantize()", "W sotto::avx2::sums<8>(float)", "W sotto::cpu::dot<sotto::cpu::VecAvx2>()"]
        self.assertEqual(self.problems(*own), [])

    def test_what_others_use_as_well(self):
        self.assertEqual(len(self.problems("W sotto::toHalf(float)", "V std::table", "T main")), 2)


class Shipped(Tree):
    TABLE = """USED: to build

A font   OFL
    resources/font.otf
A library   MIT
    (Library) liblibrary-dev second
"""

    def setUp(self):
        super().setUp()
        self.write("resources/font.otf", "")
        self.write("scripts/packages.txt", "# why\nliblibrary-dev | second\n")
        self.write("CMakeLists.txt", "find_package(Library REQUIRED) # find_package(Comment)\n")
        self.table(self.TABLE)

    def table(self, text):
        self.write(shipped.SHIPPED, text + "Licences   own\n    resources/licences/*\n\nThe texts of the licences follow.\nX\n")

    def problems(self):
        return shipped.problems_of(self.root)

    def test_whole(self):
        self.assertEqual(self.problems(), [])

    def test_a_file_without_a_line(self):
        self.write("resources/icons/new.svg", "")
        self.assertOneProblem(self.problems(), "resources/icons/new.svg")

    def test_a_picture_in_the_window(self):
        self.write("app/ui/Chat/new.png", "")
        self.assertOneProblem(self.problems(), "app/ui/Chat/new.png")

    def test_a_package_without_a_line(self):
        self.write("scripts/packages.txt", "liblibrary-dev\nsecond | third\n")
        self.assertOneProblem(self.problems(), "third: this package")

    def test_a_package_of_the_installer(self):
        self.write("installer/packages.txt", "fourth\n")
        self.assertOneProblem(self.problems(), "fourth: this package")

    def test_what_the_build_looks_for(self):
        for line, name in (("find_package(New)", "New"), ("pkg_check_modules(A REQUIRED\n  IMPORTED_TARGET new>=2)", "new"),
                           ("find_library(A NAMES new)", "new"), ("find_library(A new REQUIRED)", "new")):
            self.write("app/CMakeLists.txt", line)
            self.assertOneProblem(self.problems(), f"{name}: the build looks for it")

    def test_lines_that_belong_to_nothing(self):
        self.table(self.TABLE + "Old   MIT\n    resources/old.otf libold-dev (Old)\n")
        self.assertEqual(len(self.problems()), 3)
        self.table(self.TABLE + "Old   MIT\n")
        self.assertOneProblem(self.problems(), "nothing below it")

    def test_a_line_without_a_licence(self):
        self.table(self.TABLE.replace("A font   OFL", "A font"))
        self.assertOneProblem(self.problems(), "has no licence")

    def test_a_qml_module_that_nothing_imports(self):
        self.write("scripts/packages.txt", "liblibrary-dev\nsecond\nqml6-module-qtquick-shapes\n")
        self.table(self.TABLE + "Qt   LGPL\n    qml6-module-qtquick-shapes\n")
        self.assertOneProblem(self.problems(), "qml6-module-qtquick-shapes")
        self.write("app/ui/A.qml", "import QtQuick.Shapes\nimport Sotto.Theme\n")
        self.assertEqual(self.problems(), [])

    def test_an_import_without_its_package(self):
        self.write("app/ui/A.qml", "import QtQuick.Controls.Basic as C\n")
        self.assertOneProblem(self.problems(), "QtQuick.Controls.Basic is imported, and qml6-module-qtquick-controls is")


class Layers(Tree):
    def problems(self):
        return layers.problems_of(self.root)[0]

    def including(self, name, *targets):
        self.write(name, "".join(f"#include {target}\n" for target in targets))
        problems = self.problems()
        (self.root / name).unlink()
        return problems

    def test_what_is_allowed(self):
        for name, *targets in (
            ("base/a.cpp", '"base/a.h"', "<string>", "<openssl/evp.h>"),
            ("engine/quantize/a.cpp", '"engine/model/a.h"', '"engine/gguf/a.h"', '"base/a.h"'),
            ("engine/device/a.cpp", '"engine/api/device_info.h"'),
            ("engine/kernels/cuda/a.cu", "<cuda_runtime.h>"),
            ("storage/sqlite/a.cpp", "<sqlite3.h>"),
            ("net/a.cpp", "<curl/curl.h>", '"net/api/a.h"', '"base/a.h"'),
            ("app/server/a.cpp", "<httplib.h>", '"app/core/a.h"', '"net/api/a.h"'),
            ("app/cli/a.cpp", '"app/core/a.h"', '"engine/selftest/a.h"'),
            ("app/chat/a.cpp", '"app/bridge/a.h"', '"app/server/a.h"', "<QString>", "<QLocalServer>", '"a.moc"'),
        ):
            self.assertEqual(self.including(name, *targets), [])

    def test_what_is_not(self):
        for name, target, why in (
            ("base/a.cpp", '"engine/tensor/a.h"', "base may not include engine/tensor/a.h"),
            ("base/a.cpp", "<QString>", "free of Qt"),
            ("base/a.cpp", "<QtCore/QString>", "free of Qt"),
            ("engine/tensor/a.h", '"engine/gguf/a.h"', "engine/tensor may not"),
            ("engine/device/a.cpp", '"engine/api/engine.h"', "engine/device may not"),
            ("engine/schedule/a.cpp", '"engine/quantize/a.h"', "engine/schedule may not"),
            ("engine/quantize/a.cpp", '"engine/schedule/a.h"', "engine/quantize may not"),
            ("engine/model/a.cpp", '"storage/api/a.h"', "engine/model may not"),
            ("engine/model/a.cpp", "<cuda_runtime.h>", "only the CUDA folders"),
            ("engine/quantize/a.cpp", "<QFile>", "free of Qt"),
            ("storage/a.cpp", '"engine/api/engine.h"', "storage may not"),
            ("storage/api/a.h", '"storage/sqlite/a.h"', "storage/api may not"),
            ("net/a.cpp", '"engine/api/engine.h"', "net may not"),
            ("net/api/a.h", '"net/curl_handle.h"', "net/api may not"),
            ("net/a.cpp", "<QNetworkAccessManager>", "free of Qt"),
            ("app/core/a.cpp", '"net/http.h"', "app/core may not include net/http.h"),
            ("app/core/a.cpp", '"app/cli/a.h"', "app/core may not"),
            ("app/core/a.cpp", '"app/server/a.h"', "app/core may not"),
            ("app/core/a.cpp", "<QObject>", "free of Qt"),
            ("app/server/a.cpp", '"app/chat/a.h"', "app/server may not"),
            ("app/server/a.cpp", "<QTcpServer>", "free of Qt"),
            ("app/cli/a.cpp", "<httplib.h>", "only app/server listens"),
            ("app/hub/a.cpp", "<curl/curl.h>", "only net speaks"),
            ("app/hub/a.cpp", "<QNetworkAccessManager>", "only net speaks"),
            ("app/chat/a.cpp", "<QTcpServer>", "only app/server listens"),
            ("app/chat/a.cpp", '"app/cli/a.h"', "app may not"),
            ("app/chat/a.cpp", '"engine/model/a.h"', "app may not"),
            ("app/chat/a.cpp", '"storage/sqlite/a.h"', "app may not"),
            ("app/chat/a.cpp", "<sqlite3.h>", "only storage"),
            ("app/chat/a.cpp", '"message.h"', "without its folder"),
            ("app/chat/a.cpp", '"../chat/message.h"', "without its folder"),
            ("app/chat/a.cpp", '"tests/fakes/a.h"', "without its folder"),
            ("app/chat/a.cpp", "<base/result.h>", "quote it"),
            ("engine/somewhere/a.cpp", '"base/result.h"', "belongs to no layer"),
        ):
            self.assertOneProblem(self.including(name, target), name, why)

    def test_qml(self):
        for module, *imports in (("Theme", "QtQuick", "Sotto.System"), ("Components", "Sotto.Theme", "Sotto.Components"),
                                 ("Models", "Sotto.App", "Sotto.Components"), ("Shell", "Sotto.Chat", "Sotto.Models")):
            self.write(f"app/ui/{module}/A.qml", "".join(f"import {name}\n" for name in imports))
        self.assertEqual(self.problems(), [])
        for module, name, why in (("Theme", "Sotto.Components", "Theme may not import"), ("Components", "Sotto.App", "Components may not"),
                                  ("Chat", "Sotto.Shell", "Chat may not"), ("Models", "Sotto.Chat", "Models may not"),
                                  ("Shell", '"../Chat"', "name its module")):
            self.write(f"app/ui/{module}/B.qml", f"import QtQuick\nimport {name}\n")
            self.assertOneProblem(self.problems(), f"app/ui/{module}/B.qml:2", why)
            (self.root / f"app/ui/{module}/B.qml").unlink()

    def test_an_empty_tree_is_a_mistake(self):
        with mock.patch.object(layers, "ROOT", self.root), mock.patch("builtins.print"):
            self.assertEqual(layers.main(), 1)


class Formats(Tree):
    def stub(self, version):
        program = self.write("clang-format", f"#!/bin/sh\necho 'clang-format version {version}'\n")
        program.chmod(0o755)
        return mock.patch.dict(os.environ, {"CLANG_FORMAT": str(program)})

    def test_another_version_is_passed_over_with_a_reason(self):
        with self.stub("18.1.3 (1ubuntu1)"):
            program, why = cpp_format.find_clang_format()
            self.assertIsNone(program)
            self.assertIn("is version 18", why)
            self.assertIn("clang-format==14.0.6", why)
            gate = subprocess.run([sys.executable, str(ROOT / "tests/gates/format.py")], capture_output=True, text=True)
            self.assertEqual(gate.returncode, 77, gate.stdout)
        with self.stub("14.0.6"):
            self.assertIsNotNone(cpp_format.find_clang_format()[0])

    def test_cpp(self):
        program, why = cpp_format.find_clang_format()
        if program is None:
            self.skipTest(why)
        self.write(".clang-format", (ROOT / ".clang-format").read_text())
        self.write("base/right.h", "int a();\n")
        self.assertEqual(cpp_format.wrong_files(program, self.root), ([], 1))
        wrong = self.write("base/wrong.cpp", "int  a( );\n")
        self.assertEqual(cpp_format.wrong_files(program, self.root), ([str(wrong)], 2))

    def test_qml(self):
        if format_qml.find_qmlformat()[0] is None:
            self.skipTest(format_qml.find_qmlformat()[1])
        right = self.write("Right.qml", "pragma ComponentBehavior: Bound\nimport QtQuick\n\nItem {\n    id: root\n}\n")
        wrong = self.write("Wrong.qml", "import QtQuick\nItem { id: root }\n")

        def status(path):
            return subprocess.run([sys.executable, str(ROOT / "scripts/format_qml.py"), "--check", str(path)],
                                  capture_output=True, check=False).returncode

        self.assertEqual((status(right), status(wrong)), (0, 1))


class Sizes(Tree):
    def failures(self, path):
        failures = []
        with mock.patch.object(sizes, "ROOT", self.root):
            sizes.check_file(path, [], failures)
        return failures

    def test_files_and_functions(self):
        body = "    int a;\n" * 99
        self.assertEqual(self.failures(self.write("app/a.cpp", f"void f() {{\n{body[:-11]}}}\n")), [])
        self.assertOneProblem(self.failures(self.write("app/a.cpp", f"void f() {{\n{body}    int a;\n}}\n")), "function of 102")
        self.assertOneProblem(self.failures(self.write("app/a.h", "\n" * 601)), "601 lines")
        self.assertOneProblem(self.failures(self.write("app/A.qml", "\n" * 401)), "401 lines")


class Presets(unittest.TestCase):
    """Warnings are errors where we build, and not where users with other compilers do."""

    def warnings_are_errors(self, name):
        presets = {preset["name"]: preset
                   for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
        while name:
            value = presets[name].get("cacheVariables", {}).get("SOTTO_WARNINGS_AS_ERRORS")
            if value:
                return value == "ON"
            name = presets[name].get("inherits")
        option = re.search(r"option\(SOTTO_WARNINGS_AS_ERRORS .* (ON|OFF)\)", (ROOT / "CMakeLists.txt").read_text())
        return option.group(1) == "ON"

    def test_warnings(self):
        for name in ("dev", "dev-cuda", "asan", "asan-app", "tsan"):
            self.assertTrue(self.warnings_are_errors(name), name)
        for name in ("release", "release-cpu"):
            self.assertFalse(self.warnings_are_errors(name), name)


class GroupNames(Tree):
    def problems(self, first, second, makefile="sotto_library(a SOURCES one.cpp two.cpp)"):
        self.write("lib/CMakeLists.txt", makefile)
        self.write("lib/one.cpp", f"namespace a {{\nnamespace {{\n{first}\n}}  // namespace\n}}\n")
        self.write("lib/two.cpp", f"namespace a {{\nnamespace {{\n\n{second}\n}}  // namespace\n}}\n")
        return group_names.problems_of(self.root)

    def test_names_that_meet(self):
        for first, second, name in (
                ("struct Range {\n    int begin;\n};", "#if 1\nint x();\n#endif\nstruct Range { int end = 0; };", "Range"),
                ("// Half of it.\nconstexpr int kHalf{1};", "constexpr std::array<int, 2> kHalf[] = {{1}};", "kHalf"),
                ('int sum(int a, const std::string& b) { return f("}"); }', "int sum(int left, const std::string& right) {\n    return 0;\n}", "sum"),
                ("using Json = a::Json;", "using Json = b::Json;", "Json")):
            self.assertOneProblem(self.problems(first, second), name, "lib/one.cpp, lib/two.cpp")

    def test_names_that_may(self):
        for first, second in (("struct A {\n    int same;\n};", "struct B {\n    int same;\n};"),
                              ("int sum(int a) { int total = 0; return total; }", "int sum(float a) { int total = 1; return total; }"),
                              ("using Json = a::Json;", "using Json = a::Json;"),
                              ("// struct Range {};", "struct Range {};")):
            self.assertEqual(self.problems(first, second), [])
        clash = ("struct Range {};", "struct Range {};")
        self.assertEqual(self.problems(*clash, "add_executable(a one.cpp two.cpp)"), [])
        self.assertEqual(self.problems(*clash, "set_source_files_properties(one.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)\n"
                                               "sotto_library(a SOURCES one.cpp two.cpp)"), [])


class DocsPaths(Tree):
    def status(self):
        with mock.patch.object(docs_paths, "ROOT", self.root), mock.patch("builtins.print"):
            return docs_paths.main()

    def test_names_and_links(self):
        self.write("app/there.h", "")
        self.write("A.md", "`app/there.h` and [it](app/there.h)\n")
        self.assertEqual(self.status(), 0)
        self.write("A.md", "`app/gone.h`\n")
        self.assertEqual(self.status(), 1)
        self.write("A.md", "[it](app/gone.h)\n")
        self.assertEqual(self.status(), 1)


if __name__ == "__main__":
    unittest.main()

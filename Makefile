# 联防 Lianfang. Two commands for everybody: make demo, make test. The others are for developers.
# Needs Debian or Ubuntu with make and Python 3.11 or newer with venv; neither root nor Node.

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak fix lock clean

help:
	@echo "make demo   演示：一个县的疫情防控，http://localhost:8000 · a demonstration county, served"
	@echo "make test   检查与全部测试 · the checks and every test"
	@echo "make check  只做检查 · the checks alone: style, types, floors, migrations, translations, sizes"
	@echo "make bench  百万人口县的速度，写入 bench/RESULTS.md · speed at a county of a million, half an hour"
	@echo "make soak   长时间的随机调用与断电试验 · random calls and kills for an hour, new ones each time"
	@echo "make fix    整理代码格式 · put the style right where a machine can"
	@echo "make lock   重新锁定依赖 · lock the newest dependencies that the .in files allow"
	@echo "make clean  删除环境与缓存，保留数据 · remove environment and caches; data stays"

demo:
	@tools/set-up
	@.venv/bin/lianfang demo
	@exec .venv/bin/lianfang serve

check:
	@tools/set-up dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m pytest -q --durations=0 --durations-min=5 tests/test_repository.py tests/test_translations.py

test: check
	.venv/bin/python -m pytest

bench:
	@tools/set-up dev
	.venv/bin/python -m bench.run

soak:
	@tools/set-up dev
	LIANFANG_FUZZING=600 LIANFANG_KILLS=1000 .venv/bin/python -m pytest tests/test_api_fuzzing.py tests/test_killing.py
	LIANFANG_HISTORIES=2000 .venv/bin/python -m pytest src/lianfang/mandate/duties/tests/test_exactly_the_right_ones.py

fix:
	@tools/set-up dev
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

lock:
	@tools/set-up dev
	tools/lock

clean:
	rm -rf .venv node_modules build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf src/*.egg-info src/lianfang/locale/*/LC_MESSAGES/*.mo
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

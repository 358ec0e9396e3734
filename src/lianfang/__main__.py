import sys

from lianfang.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""The Linux kernel's part in running other programs: `children` starts and stops them."""

print("rollcall-load")
